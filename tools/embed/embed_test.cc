#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tools/embed/embedded_file.h"
#include "tools/embed/no_files.h"
#include "tools/embed/test_files.h"

namespace braid {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(EmbedTest, ContentsAreTheFilesBytes) {
  // hard.txt has quotes, backslashes, a NUL, CRLF, invalid UTF-8, digits after
  // bytes that are written as escapes, and no newline at its end.
  ASSERT_EQ(embedded::test_files::kFiles.size(), 3u);
  for (const EmbeddedFile& file : embedded::test_files::kFiles) {
    EXPECT_EQ(file.contents, ReadFile(std::string(file.name))) << file.name;
    EXPECT_EQ(file.contents.data()[file.contents.size()], '\0') << file.name;
  }
  EXPECT_EQ(ReadFile("tools/embed/testdata/hard.txt").size(), 63u);
}

TEST(EmbedTest, TableIsSortedByPathFromTheWorkspaceRoot) {
  const auto files = embedded::test_files::kFiles;
  EXPECT_EQ(files[0].name, "tools/embed/testdata/empty.txt");
  EXPECT_EQ(files[1].name, "tools/embed/testdata/hard.txt");
  EXPECT_EQ(files[2].name, "tools/embed/testdata/module.js");
}

TEST(EmbedTest, FindTakesWholeNamesOnly) {
  const auto files = embedded::test_files::kFiles;
  const EmbeddedFile* found =
      FindEmbeddedFile(files, "tools/embed/testdata/module.js");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->contents, "export const answer = 42;\n");
  EXPECT_EQ(FindEmbeddedFile(files, "module.js"), nullptr);
  EXPECT_EQ(FindEmbeddedFile(files, "tools/embed/testdata/module"), nullptr);
  EXPECT_EQ(FindEmbeddedFile(files, "zzz"), nullptr);
}

TEST(EmbedTest, NoFilesMakeAnEmptyTable) {
  EXPECT_TRUE(embedded::no_files::kFiles.empty());
  EXPECT_EQ(FindEmbeddedFile(embedded::no_files::kFiles, "a"), nullptr);
}

}  // namespace
}  // namespace braid
