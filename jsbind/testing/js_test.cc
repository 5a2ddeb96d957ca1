#include "jsbind/testing/js_test.h"

#include <stdlib.h>
#include <v8-external.h>
#include <v8-function.h>
#include <v8-object.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "jsbind/js_turn.h"

namespace braid {
namespace {

void Log(const v8::FunctionCallbackInfo<v8::Value>& info) {
  Js js(info.GetIsolate());
  auto& log =
      *static_cast<std::string*>(info.Data().As<v8::External>()->Value());
  for (int i = 0; i < info.Length(); ++i) {
    v8::Local<v8::String> text;
    if (!info[i]->ToDetailString(js.context()).ToLocal(&text)) return;
    absl::StrAppend(&log, i == 0 ? "" : " ", ToUtf8(js.isolate(), text));
  }
  log.push_back('\n');
}

}  // namespace

JsTest::JsTest(std::vector<const Extension*> extensions, std::string v8_flags)
    : extensions_(std::move(extensions)), v8_flags_(std::move(v8_flags)) {
  std::string pattern = absl::StrCat(testing::TempDir(), "/braid.XXXXXX");
  PCHECK(mkdtemp(pattern.data()) != nullptr)
      << "no temporary folder " << pattern;
  folder_ = std::filesystem::canonical(pattern);
  WriteFile("package.json", R"({"type": "module"})");
  absl::StatusOr<World> world = World::System();
  CHECK_OK(world);
  loop_ = std::make_unique<Loop>(*std::move(world));
}

JsTest::~JsTest() {
  if (runtime_ != nullptr) loop_->Run(runtime_->Close());
  runtime_.reset();
  loop_.reset();
  std::filesystem::remove_all(folder_);
}

Runtime& JsTest::runtime() {
  if (runtime_ != nullptr) return *runtime_;
  RuntimeOptions options;
  options.extensions = extensions_;
  options.v8.flags = v8_flags_;
  absl::StatusOr<std::unique_ptr<Runtime>> made =
      Runtime::Create(*loop_, std::move(options));
  CHECK_OK(made);
  runtime_ = *std::move(made);
  JsTurn js(*runtime_);
  v8::Local<v8::Function> log =
      v8::Function::New(js.context(), &Log,
                        v8::External::New(js.isolate(), &log_))
          .ToLocalChecked();
  js.context()->Global()->Set(js.context(), js.Name("log"), log).Check();
  return *runtime_;
}

std::string JsTest::Eval(std::string_view code) {
  absl::StatusOr<std::string> result = runtime().EvalToString(code);
  return result.ok() ? *result
                     : absl::StrCat("throws: ", result.status().message());
}

std::string JsTest::Run(std::string_view code) {
  WriteFile("main.js", code);
  return RunFile("main.js");
}

std::string JsTest::RunFile(const std::string& name,
                            std::vector<std::string> args) {
  Runtime& program = runtime();
  testing::internal::CaptureStderr();
  exit_code_ = loop_->Run(
      program.RunMain(absl::StrCat(folder_, "/", name), std::move(args)));
  stderr_ = absl::StrReplaceAll(testing::internal::GetCapturedStderr(),
                                {{folder_, "DIR"}});
  return TakeLog();
}

std::string JsTest::WriteFile(const std::string& name,
                              std::string_view contents) {
  const std::string path = absl::StrCat(folder_, "/", name);
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  std::ofstream(path) << contents;
  return path;
}

}  // namespace braid
