// process.stdin, with a pipe in the place of the test's own.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "jsbind/module_def.h"
#include "jsbind/node/node_extension.h"
#include "jsbind/testing/js_test.h"
#include "jsbind/web/web_extension.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

class StdinTest : public JsTest {
 public:
  StdinTest()
      : JsTest({&WebExtension(), &NodeExtension()}),
        fifo_(absl::StrCat(folder(), "/stdin")),
        saved_(dup(STDIN_FILENO)) {
    CHECK_EQ(mkfifo(fifo_.c_str(), 0600), 0);
    // Both ends, so that opening waits for nobody, and the input has no end
    // until the test closes its own.
    const int reader = open(fifo_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    writer_ = open(fifo_.c_str(), O_WRONLY | O_CLOEXEC);
    CHECK_GE(writer_, 0);
    CHECK_EQ(dup2(reader, STDIN_FILENO), STDIN_FILENO);
    close(reader);
  }
  ~StdinTest() override {
    CloseWriter();
    dup2(saved_, STDIN_FILENO);
    close(saved_);
  }

  void CloseWriter() {
    if (writer_ >= 0) close(writer_);
    writer_ = -1;
  }

  void Write(std::string_view text) {
    CHECK_EQ(write(writer_, text.data(), text.size()),
             static_cast<ssize_t>(text.size()));
  }

  // Runs a program whose whole input is `text`.
  std::string RunWithInput(std::string_view text, std::string_view code) {
    Write(text);
    CloseWriter();
    return Run(code);
  }

  // Runs a program that writes its input itself, with `put(text)` and `end()`.
  std::string RunWithPieces(std::string_view code) {
    runtime().Module("native:pieces").Function("closeTestsEnd", [this] {
      CloseWriter();
    });
    return Run(absl::StrCat(R"(
      import { open } from "node:fs/promises";
      import { closeTestsEnd } from "native:pieces";
      const writer = await open(")",
                            fifo_, R"(", "w");
      closeTestsEnd();
      const put = (piece) => writer.write(piece);
      const end = () => writer.close();
      )",
                            code));
  }

 private:
  const std::string fifo_;
  const int saved_;
  int writer_ = -1;
};

TEST_F(StdinTest, IsAnIterableOfBytes) {
  EXPECT_EQ(RunWithInput("abc", R"(
    let all = "";
    for await (const chunk of process.stdin) {
      log(chunk instanceof Uint8Array);
      all += new TextDecoder().decode(chunk);
    }
    log(all, process.stdin.readable);
  )"),
            "true\nabc false\n");
}

TEST_F(StdinTest, PiecesThatComeLater) {
  EXPECT_EQ(RunWithPieces(R"(
    const pieces = process.stdin[Symbol.asyncIterator]();
    for (const piece of ["one", "two"]) {
      const next = pieces.next(); // Waits before there is anything.
      await put(piece);
      log(new TextDecoder().decode((await next).value));
    }
    const last = pieces.next();
    await end();
    log((await last).done);
  )"),
            "one\ntwo\ntrue\n");
}

TEST_F(StdinTest, TextWhoseCharactersComeInPieces) {
  EXPECT_EQ(RunWithPieces(R"(
    process.stdin.setEncoding("utf8");
    const done = new Promise((resolve) => process.stdin.on("end", resolve));
    let text = "";
    process.stdin.on("data", (chunk) => { text += chunk; });
    const bytes = new TextEncoder().encode("aé€b");
    await put(bytes.slice(0, 2));
    while (text === "") await new Promise((resolve) => setImmediate(resolve));
    log(text);
    await put(bytes.slice(2, 5));
    await put(bytes.slice(5));
    await end();
    await done;
    log(text);
  )"),
            "a\naé€b\n");
}

TEST_F(StdinTest, BytesThatAreNoWholeCharacterAtTheEnd) {
  EXPECT_EQ(RunWithInput("a\xe2\x82", R"(
    process.stdin.setEncoding("utf8");
    let text = "";
    for await (const chunk of process.stdin) text += chunk;
    log(text);
  )"),
            "a\xef\xbf\xbd\n");
}

TEST_F(StdinTest, EventsInOrder) {
  EXPECT_EQ(RunWithInput("abc", R"(
    process.stdin.setEncoding("latin1");
    for (const type of ["data", "end", "close"]) {
      process.stdin.on(type, (...args) => log(type, ...args));
    }
  )"),
            "data abc\nend\nclose\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(StdinTest, ReadTakesWhatIsThere) {
  EXPECT_EQ(RunWithInput("abc", R"(
    process.stdin.setEncoding("hex");
    log(process.stdin.read());
    process.stdin.on("readable", () => {
      for (let chunk; (chunk = process.stdin.read()) !== null; ) log(chunk);
    });
    process.stdin.on("end", () => log("end"));
  )"),
            "null\n616263\nend\n");
}

TEST_F(StdinTest, NobodyWhoReadsKeepsNothingAlive) {
  EXPECT_EQ(Run("log(process.stdin.isPaused(), process.stdin.isTTY);"),
            "false undefined\n");
}

TEST_F(StdinTest, PausedItKeepsNothingAlive) {
  Write("abc");
  EXPECT_EQ(Run(R"(
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (chunk) => { log(chunk); process.stdin.pause(); });
  )"),
            "abc\n");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(StdinTest, UnrefedItKeepsNothingAlive) {
  EXPECT_EQ(Run(R"(process.stdin.on("data", () => {}).unref();)"), "");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(StdinTest, WhatComesWhilePausedIsKept) {
  EXPECT_EQ(RunWithPieces(R"(
    process.stdin.setEncoding("utf8");
    const got = [];
    process.stdin.on("data", (chunk) => got.push(chunk));
    process.stdin.pause();
    await put("a");
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    log(got.length);
    process.stdin.on("end", () => log(got.join()));
    process.stdin.resume();
    await end();
  )"),
            "0\na\n");
}

TEST_F(StdinTest, ReadTakesWhatCameWhilePaused) {
  EXPECT_EQ(RunWithPieces(R"(
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", log).pause();
    await put("a");
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    process.stdin.removeListener("data", log);
    process.stdin.on("end", () => log("end"));
    process.stdin.on("readable", () => log(process.stdin.read()));
    await end();
  )"),
            "a\nnull\nend\n");
}

TEST_F(StdinTest, ListenerThatThrowsIsAnUncaughtError) {
  RunWithInput("abc", R"(
    process.stdin.on("data", () => { throw new Error("boom"); });
  )");
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(stderr_text(), HasSubstr("Error: boom"));
}

TEST_F(StdinTest, ErrorsOfReading) {
  const int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  dup2(folder, STDIN_FILENO);
  close(folder);
  EXPECT_EQ(Run(R"(
    process.stdin.on("error", (error) => log(error.code));
    process.stdin.resume();
    try { process.stdin.setEncoding("x"); } catch (error) { log(error.code); }
  )"),
            "ERR_UNKNOWN_ENCODING\nEISDIR\n");
}

}  // namespace
}  // namespace braid
