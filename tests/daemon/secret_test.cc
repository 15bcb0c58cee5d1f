#include "daemon/config/secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>

#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace secret_test {

using testing::HasSubstr;
using testing::Not;

config::SecretRef InFile(const std::string& path) {
  return {.from = config::SecretRef::From::kFile, .name = path};
}

config::SecretRef InEnvironment(const std::string& name) {
  return {.from = config::SecretRef::From::kEnvironment, .name = name};
}

TEST(Secret, IsOneLineWithoutItsEnd) {
  const TemporaryFolder folder;
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"hunter2", "hunter2"},
      {"hunter2\n", "hunter2"},
      {"hunter2\r\n", "hunter2"},
      {" a b \t\n", " a b \t"},
      {std::string(config::kSecretBytesMax, 'x'), std::string(config::kSecretBytesMax, 'x')},
      {std::string(config::kSecretBytesMax, 'x') + "\r\n",
       std::string(config::kSecretBytesMax, 'x')}};
  for (const auto& c : cases) {
    const auto secret = config::ReadSecret(InFile(folder.Write("s", c.text)));
    ASSERT_TRUE(secret.ok()) << secret.status();
    EXPECT_EQ(*secret, c.want);
  }
  ::setenv("SIGNINWATCH_TEST_SECRET", "hunter2\n", 1);
  EXPECT_EQ(config::ReadSecret(InEnvironment("SIGNINWATCH_TEST_SECRET")).value(), "hunter2");
  ::unsetenv("SIGNINWATCH_TEST_SECRET");
}

TEST(Secret, MayBeAPemOfSeveralLines) {
  const TemporaryFolder folder;
  const std::string pem = "-----BEGIN KEY-----\r\nAAAA\n-----END KEY-----";
  EXPECT_EQ(
      config::ReadSecret(InFile(folder.Write("s", pem + "\n")), config::SecretForm::kPem).value(),
      pem);
  for (const std::string& bad : {std::string(), std::string("a\0b", 3)}) {
    EXPECT_FALSE(config::ReadSecret(InFile(folder.Write("s", bad)), config::SecretForm::kPem).ok());
  }
}

TEST(Secret, IsReadAnew) {
  const TemporaryFolder folder;
  const config::SecretRef secret = InFile(folder.Write("s", "old"));
  EXPECT_EQ(config::ReadSecret(secret).value(), "old");
  folder.Write("s", "new");
  EXPECT_EQ(config::ReadSecret(secret).value(), "new");
}

TEST(Secret, UnusableOnesAreErrorsThatDoNotShowThem) {
  const TemporaryFolder folder;
  const struct {
    std::string text;
    const char* why;
  } cases[] = {{"", "empty"},
               {"\n", "empty"},
               {"hunter2\nhunter2", "more than one line"},
               {"hunter2\n\n", "more than one line"},
               {"hunter2\rx", "more than one line"},
               {std::string("hunter2\0x", 9), "a zero byte"},
               {std::string(config::kSecretBytesMax + 1, 'h'), "longer than a secret may be"},
               {std::string(config::kSecretBytesMax * 2, 'h'), "longer than a secret may be"}};
  for (const auto& c : cases) {
    const std::string path = folder.Write("s", c.text);
    const auto secret = config::ReadSecret(InFile(path));
    ASSERT_FALSE(secret.ok());
    EXPECT_EQ(secret.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(secret.status().message());
    EXPECT_THAT(message, HasSubstr("secret file " + path + ": "));
    EXPECT_THAT(message, HasSubstr(c.why));
    EXPECT_THAT(message, Not(HasSubstr("hunter2")));
    EXPECT_THAT(message, Not(HasSubstr("hhhh")));
  }
}

TEST(Secret, WhatIsNotThereIsNamed) {
  const TemporaryFolder folder;
  const auto file = config::ReadSecret(InFile(folder.Path("gone")));
  EXPECT_EQ(file.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(file.status().message()), HasSubstr(folder.Path("gone")));
  const auto variable = config::ReadSecret(InEnvironment("SIGNINWATCH_TEST_GONE"));
  EXPECT_EQ(variable.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(variable.status().message()), HasSubstr("SIGNINWATCH_TEST_GONE"));
  EXPECT_EQ(config::ReadSecret(config::SecretRef{}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Secret, OnlyRegularFilesAreRead) {
  const TemporaryFolder folder;
  // Nobody writes to the pipe: reading it would never end.
  ASSERT_EQ(::mkfifo(folder.Path("pipe").c_str(), 0600), 0);
  for (const std::string& path : {folder.Path("pipe"), folder.Path(""), std::string("/dev/zero")}) {
    const auto secret = config::ReadSecret(InFile(path));
    ASSERT_FALSE(secret.ok()) << path;
    EXPECT_THAT(std::string(secret.status().message()), HasSubstr("not a regular file"));
  }
}

}  // namespace secret_test
}  // namespace signinwatch
