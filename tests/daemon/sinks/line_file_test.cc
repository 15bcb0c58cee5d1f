#include "daemon/sinks/line_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace line_file_test {

using testing::HasSubstr;

class LineFileTest : public testing::Test {
 protected:
  [[nodiscard]] LineFile::Options Options(size_t rotate_bytes = 0, int rotate_keep = 3) const {
    return {.path = path_,
            .line_start = "{\"n\":",
            .rotate_bytes = rotate_bytes,
            .rotate_keep = rotate_keep};
  }
  [[nodiscard]] std::string Text(const std::string& suffix = "") const {
    return ReadWholeFile(path_ + suffix);
  }
  [[nodiscard]] bool Exists(const std::string& suffix) const {
    return std::filesystem::exists(path_ + suffix);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("tickets.jsonl");
};

TEST_F(LineFileTest, AppendsToWhatIsThere) {
  folder_.Write("tickets.jsonl", "{\"old\":1}\n");
  LineFile file(Options());
  ASSERT_TRUE(file.Append("{\"n\":1}\n{\"n\":2}\n").ok());
  ASSERT_TRUE(file.Append("{\"n\":3}\n").ok());
  EXPECT_EQ(Text(), "{\"old\":1}\n{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
}

TEST_F(LineFileTest, RemovesALineThatACrashCutOff) {
  const std::string long_line = "{\"n\":" + std::string(100'000, 'x');  // longer than one look
  for (const std::string& cut : {std::string("{"), std::string("{\"n\":1}"), long_line}) {
    folder_.Write("tickets.jsonl", "{\"old\":1}\n" + cut);
    LineFile file(Options());
    ASSERT_TRUE(file.Append("{\"n\":2}\n").ok());
    EXPECT_EQ(Text(), "{\"old\":1}\n{\"n\":2}\n");
  }
  std::string whole;
  while (whole.size() < 100'000) whole += "{\"n\":1}\n";
  folder_.Write("tickets.jsonl", whole + "{\"n\"");
  {
    LineFile file(Options());
    ASSERT_TRUE(file.Append("{\"n\":2}\n").ok());
    EXPECT_TRUE(Text() == whole + "{\"n\":2}\n");
  }
  folder_.Write("tickets.jsonl", "{\"n\":all of it");
  LineFile file(Options());
  ASSERT_TRUE(file.Append("{\"n\":2}\n").ok());
  EXPECT_EQ(Text(), "{\"n\":2}\n");
}

// A sink that was pointed at a document of somebody's by mistake emptied it, once: of one line, an
// object, without an end.
TEST_F(LineFileTest, EndsALineThatIsNotOurs) {
  for (const std::string& text :
       {std::string("somebody's notes"), std::string("{\"name\":\"package.json\"}"),
        std::string("{}"), std::string("[1, 2]")}) {
    folder_.Write("tickets.jsonl", text);
    LineFile file(Options());
    ASSERT_TRUE(file.Append("{\"n\":2}\n").ok());
    EXPECT_EQ(Text(), text + "\n{\"n\":2}\n");
  }
}

TEST_F(LineFileTest, FollowsNoLinkInAFolderThatOthersCanWrite) {
  std::filesystem::permissions(folder_.Path(""), std::filesystem::perms::all);
  folder_.Write("precious", "precious\n");
  std::filesystem::create_symlink(folder_.Path("precious"), path_);
  LineFile file(Options());
  EXPECT_THAT(std::string(file.Append("{\"n\":2}\n").message()), HasSubstr("a link"));
  EXPECT_EQ(ReadWholeFile(folder_.Path("precious")), "precious\n");
}

TEST_F(LineFileTest, RotatesBeforeAFileBecomesTooLarge) {
  LineFile file(Options(16, 3));
  for (int n = 1; n <= 9; ++n) {
    ASSERT_TRUE(file.Append("{\"n\":" + std::to_string(n) + "}\n").ok());  // 8 bytes each
  }
  EXPECT_EQ(Text(), "{\"n\":9}\n");
  EXPECT_EQ(Text(".1"), "{\"n\":7}\n{\"n\":8}\n");
  EXPECT_EQ(Text(".2"), "{\"n\":5}\n{\"n\":6}\n");
  EXPECT_EQ(Text(".3"), "{\"n\":3}\n{\"n\":4}\n");
  EXPECT_FALSE(Exists(".4"));
  EXPECT_EQ(file.failed_rotations(), 0);
}

TEST_F(LineFileTest, RotationLosesNothingThatIsKept) {
  LineFile file(Options(300, 1'000));
  std::string expected;
  for (int n = 0; n < 150; ++n) {
    const std::string line = "{\"n\":" + std::to_string(n) + "}\n";
    ASSERT_TRUE(file.Append(line).ok());
    expected += line;
  }
  std::string all;
  int last = 0;
  while (Exists("." + std::to_string(last + 1))) ++last;
  EXPECT_GT(last, 3);
  for (int n = last; n > 0; --n) {
    const std::string text = Text("." + std::to_string(n));
    EXPECT_LE(text.size(), 300u);
    all += text;
  }
  EXPECT_EQ(all + Text(), expected);
}

TEST_F(LineFileTest, ABatchThatIsLargerThanAFileIsNotCut) {
  LineFile file(Options(10, 3));
  ASSERT_TRUE(file.Append("{\"n\":1}\n{\"n\":2}\n").ok());
  EXPECT_FALSE(Exists(".1"));
  ASSERT_TRUE(file.Append("{\"n\":3}\n").ok());
  EXPECT_EQ(Text(".1"), "{\"n\":1}\n{\"n\":2}\n");
  EXPECT_EQ(Text(), "{\"n\":3}\n");
}

TEST_F(LineFileTest, AGapThatACrashLeftCostsNoFile) {
  // It died after PATH.1 had become PATH.2.
  folder_.Write("tickets.jsonl.2", "{\"two\"}\n");
  folder_.Write("tickets.jsonl.3", "{\"three\"}\n");
  folder_.Write("tickets.jsonl", "{\"new\"}\n");
  LineFile file(Options(8, 3));
  ASSERT_TRUE(file.Append("{\"n\":1}\n").ok());
  EXPECT_EQ(Text(".1"), "{\"new\"}\n");
  EXPECT_EQ(Text(".2"), "{\"two\"}\n");
  EXPECT_EQ(Text(".3"), "{\"three\"}\n");
}

TEST_F(LineFileTest, GoesOnWhereItCannotRotate) {
  std::filesystem::create_directory(path_ + ".1");
  LineFile file(Options(8, 1));
  ASSERT_TRUE(file.Append("{\"n\":1}\n").ok());
  ASSERT_TRUE(file.Append("{\"n\":2}\n").ok());
  EXPECT_EQ(Text(), "{\"n\":1}\n{\"n\":2}\n");
  EXPECT_EQ(file.failed_rotations(), 1);
}

TEST_F(LineFileTest, MakesANewFileWhenItsOwnWasMovedOrRemoved) {
  LineFile file(Options());
  ASSERT_TRUE(file.Append("{\"n\":1}\n").ok());
  std::filesystem::rename(path_, path_ + "-20261126");
  ASSERT_TRUE(file.Append("{\"n\":2}\n").ok());
  EXPECT_EQ(Text("-20261126"), "{\"n\":1}\n");
  EXPECT_EQ(Text(), "{\"n\":2}\n");
  std::filesystem::remove(path_);
  ASSERT_TRUE(file.Append("{\"n\":3}\n").ok());
  EXPECT_EQ(Text(), "{\"n\":3}\n");
}

// With a limit on the size of files, which cuts a write as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(LineFileTest, TakesBackWhatAFullDiskCutOff) {
  LineFile file(Options());
  ASSERT_TRUE(file.Append("{\"n\":1}\n").ok());
  {
    const FileSizeLimit limit(20);
    const absl::Status status = file.Append("{\"n\":2}\n{\"n\":3}\n");
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr("tickets.jsonl"));
    EXPECT_EQ(Text(), "{\"n\":1}\n");
  }
  ASSERT_TRUE(file.Append("{\"n\":2}\n{\"n\":3}\n").ok());
  EXPECT_EQ(Text(), "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
}

TEST_F(LineFileTest, SaysWhatCannotBeUsed) {
  LineFile missing({.path = folder_.Path("no/such/folder")});
  EXPECT_EQ(missing.Open().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.Open().message()), HasSubstr("no/such/folder"));
  LineFile directory({.path = folder_.Path(".")});
  EXPECT_FALSE(directory.Open().ok());
  LineFile device({.path = "/dev/null"});
  EXPECT_EQ(device.Open().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace line_file_test
}  // namespace signinwatch::sinks
