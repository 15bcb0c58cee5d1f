#include "daemon/http/passwords.h"

#include <crypt.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string>

namespace signinwatch::http {
namespace passwords_test {

using Verdict = Passwords::Verdict;

std::string HashOf(const std::string& password) {
  const auto scratch = std::make_unique<crypt_data>();
  return ::crypt_r(password.c_str(), "$2y$04$abcdefghijklmnopqrstuu", scratch.get());
}

std::string Basic(const std::string& pair, const std::string& scheme = "Basic ") {
  std::string text(pair.size() * 2 + 8, '\0');
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(pair.data()),
                                     static_cast<int>(pair.size()));
  return scheme + text.substr(0, static_cast<size_t>(size));
}

TEST(PasswordsTest, WhoHasAHashLogsIn) {
  const Passwords passwords({{"alice", HashOf("secret")}, {"b", HashOf("with:colon")}});
  for (int time = 0; time < 2; ++time) {  // the second is remembered
    EXPECT_EQ(passwords.Check(Basic("alice:secret")), Verdict::kRight);
    EXPECT_EQ(passwords.Check(Basic("b:with:colon", "bAsIc ")), Verdict::kRight);
  }
}

TEST(PasswordsTest, EverythingElseDoesNot) {
  const Passwords passwords({{"alice", HashOf("secret")}, {"bob", HashOf("")}});
  EXPECT_EQ(passwords.Check(Basic("alice:secret")), Verdict::kRight);
  for (const std::string& header :
       {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic !!!!"),
        std::string("Bearer abc"), Basic("alice:Secret"), Basic("alice:"), Basic("alice"),
        Basic("Alice:secret"), Basic("carol:secret"), Basic(""), Basic(":"), Basic("alice:secret "),
        Basic(std::string("alice:secret\0x", 14)), Basic(std::string("bob:\0", 5)),
        Basic("alice:" + std::string(10'000, 'x')), Basic("alice:secret").substr(0, 20)}) {
    EXPECT_EQ(passwords.Check(header), Verdict::kWrong) << header.substr(0, 40);
  }
}

TEST(PasswordsTest, WithoutUsersNobodyIsAsked) {
  EXPECT_TRUE(Passwords({}).empty());
  EXPECT_FALSE(Passwords({{"a", HashOf("b")}}).empty());
}

// What is right is known by a digest of both, so one's password is not the other's.
TEST(PasswordsTest, WhatIsRememberedIsOfItsUser) {
  const Passwords passwords({{"a", HashOf("b:c")}, {"a:b", HashOf("x")}});
  EXPECT_EQ(passwords.Check(Basic("a:b:c")), Verdict::kRight);
  EXPECT_EQ(passwords.Check(Basic("a:b")), Verdict::kWrong);
}

// Whatever letter a tool has put behind the 2; and not beyond what can be waited for.
TEST(PasswordsTest, HashesAsTheToolkitTakesThem) {
  const std::string rest = HashOf("secret").substr(4);
  for (const char* version : {"$2a$", "$2b$", "$2x$", "$2y$", "$2z$", "$2$"}) {
    const Passwords passwords({{"alice", (version + rest)}});
    EXPECT_EQ(passwords.Check(Basic("alice:secret")), Verdict::kRight) << version;
    EXPECT_EQ(passwords.Check(Basic("alice:other")), Verdict::kWrong) << version;
  }
  for (const std::string& broken : {"$2y$31" + rest.substr(2), "$2y$" + rest + "x",
                                    "$2y$04$" + std::string(53, '!'), std::string("secret")}) {
    const Passwords passwords({{"alice", broken}});
    EXPECT_FALSE(passwords.empty()) << "the door stays shut";
    EXPECT_EQ(passwords.Check(Basic("alice:secret")), Verdict::kWrong) << broken;
  }
}

TEST(PasswordsTest, AGlanceHashesNothing) {
  const Passwords passwords({{"alice", HashOf("secret")}});
  EXPECT_EQ(passwords.Glance(""), Verdict::kWrong);
  EXPECT_EQ(passwords.Glance("Bearer x"), Verdict::kWrong);
  EXPECT_EQ(passwords.Glance(Basic("alice:secret")), std::nullopt);
  EXPECT_EQ(passwords.Check(Basic("alice:secret")), Verdict::kRight);
  EXPECT_EQ(passwords.Glance(Basic("alice:secret")), Verdict::kRight);
  EXPECT_EQ(passwords.Check(Basic("alice:wrong")), Verdict::kWrong);
  EXPECT_EQ(passwords.Glance(Basic("alice:wrong")), std::nullopt) << "guesses are not remembered";
}

// Processor time of this thread, which does not depend on what else the machine does.
double WorkOf(const Passwords& passwords, const std::string& pair) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  double least = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double start = now();
    EXPECT_EQ(passwords.Check(Basic(pair)), Verdict::kWrong);
    least = std::min(least, now() - start);
  }
  return least;
}

// Which names there are, and which hashes are cheap, must not show in how long a guess takes. Costs
// differ sixteenfold here; a name of the cheap one took a sixteenth once.
TEST(PasswordsTest, AWrongPasswordTakesTheSameWorkForEveryName) {
  const std::string cheap = HashOf("secret");
  const Passwords passwords({{"cheap", cheap},
                             {"costly", "$2y$08$" + cheap.substr(7)},
                             {"broken", "$2y$04$" + std::string(53, '!')}});
  const double costly = WorkOf(passwords, "costly:x");
  for (const char* pair : {"cheap:x", "nobody:x", "broken:x", "cheap:secret "}) {
    const double work = WorkOf(passwords, pair);
    EXPECT_GT(work, costly / 2) << pair;
    EXPECT_LT(work, costly * 2) << pair;
  }
}

}  // namespace passwords_test
}  // namespace signinwatch::http
