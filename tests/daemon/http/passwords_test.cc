#include "daemon/http/passwords.h"

#include <crypt.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace signinwatch {
namespace {

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

TEST(PasswordsTest, ManyAtATimeWithoutPatienceAreTurnedAwayAndNeverLetIn) {
  const Passwords passwords({{"alice", HashOf("secret")}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&passwords, i] {
      for (int k = 0; k < 20; ++k) {
        const std::string guess = Basic("alice:" + std::to_string(i * 100 + k));
        EXPECT_NE(passwords.Check(guess, std::chrono::milliseconds(0)), Verdict::kRight);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passwords.Check(Basic("alice:secret")), Verdict::kRight);
}

}  // namespace
}  // namespace signinwatch
