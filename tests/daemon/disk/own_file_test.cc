#include "daemon/disk/own_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "tests/daemon/temporary_folder.h"

namespace signinwatch::disk {
namespace own_file_test {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OwnFileTest : public testing::Test {
 protected:
  OwnFileTest() {
    fs::create_directory(folder_.Path("shared"));
    fs::permissions(folder_.Path("shared"), fs::perms::all);
    folder_.Write("precious", "precious");
  }
  // What opening says; empty: it opened.
  static std::string Open(const std::string& path, int flags = O_RDWR | O_CREAT) {
    const OpenedFile opened = OpenOwnFile(path, flags, 0600);
    EXPECT_EQ(opened.fd >= 0, opened.problem.empty());
    EXPECT_EQ(opened.error == 0, opened.problem.empty());
    if (opened.fd >= 0) ::close(opened.fd);
    return opened.problem;
  }

  const TemporaryFolder folder_;
};

TEST_F(OwnFileTest, MakesAndOpensFiles) {
  for (const char* name : {"own", "shared/own"}) {
    EXPECT_EQ(Open(folder_.Path(name)), "");
    EXPECT_EQ(Open(folder_.Path(name)), "");
  }
  EXPECT_EQ(OpenOwnFile(folder_.Path("none/own"), O_RDWR | O_CREAT, 0600).error, ENOENT);
  EXPECT_EQ(OpenOwnFile(folder_.Path("none"), O_RDWR, 0600).error, ENOENT);
}

// Somebody puts a link where our file will be, to a file that we may write and they may not.
TEST_F(OwnFileTest, NoLinkOfAnothersIsFollowed) {
  fs::create_symlink(folder_.Path("precious"), folder_.Path("shared/link"));
  fs::create_symlink(folder_.Path("new"), folder_.Path("shared/dangling"));
  fs::create_hard_link(folder_.Path("precious"), folder_.Path("shared/hard"));
  for (const char* name : {"shared/link", "shared/dangling"}) {
    EXPECT_THAT(Open(folder_.Path(name), O_RDWR | O_CREAT | O_TRUNC), HasSubstr("a link")) << name;
    EXPECT_THAT(LinkProblem(folder_.Path(name)), HasSubstr("a link")) << name;
  }
  EXPECT_THAT(Open(folder_.Path("shared/hard"), O_RDWR | O_TRUNC), HasSubstr("several names"));
  EXPECT_EQ(ReadWholeFile(folder_.Path("precious")), "precious");
  EXPECT_FALSE(fs::exists(folder_.Path("new")));
}

TEST_F(OwnFileTest, TheAdministratorsLinksAreFollowed) {
  fs::permissions(folder_.Path(""), fs::perms::owner_all);
  fs::create_symlink(folder_.Path("precious"), folder_.Path("link"));
  EXPECT_EQ(Open(folder_.Path("link")), "");
  EXPECT_EQ(LinkProblem(folder_.Path("link")), "");
  EXPECT_EQ(LinkProblem(folder_.Path("precious")), "");
}

TEST_F(OwnFileTest, WhatIsOursMayBeCut) {
  folder_.Write("shared/own", "old");
  EXPECT_EQ(Open(folder_.Path("shared/own"), O_RDWR | O_TRUNC), "");
  EXPECT_EQ(ReadWholeFile(folder_.Path("shared/own")), "");
}

}  // namespace own_file_test
}  // namespace signinwatch::disk
