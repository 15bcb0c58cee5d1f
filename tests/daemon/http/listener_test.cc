#include "daemon/http/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/daemon/http/raw_client.h"

namespace signinwatch {
namespace {

using testing::StartsWith;

std::unique_ptr<Listener> Open(const std::string& address) {
  auto listener = Listener::Open(address);
  if (!listener.ok()) {
    ADD_FAILURE() << std::string(listener.status().message());
    return nullptr;
  }
  return *std::move(listener);
}

TEST(Listener, OnAFreePortAndSaysWhere) {
  const auto listener = Open("127.0.0.1:0");
  EXPECT_GT(listener->port(), 0);
  EXPECT_EQ(listener->address(), "127.0.0.1:" + std::to_string(listener->port()));
  EXPECT_TRUE(listener->loopback());
  const RawClient waits(listener->port());  // in the system's queue
}

TEST(Listener, EveryAddressIsNotLoopback) {
  for (const char* address : {":0", "0.0.0.0:0"}) {
    const auto listener = Open(address);
    EXPECT_FALSE(listener->loopback()) << address;
    const RawClient waits(listener->port());
  }
}

// Also on a machine without /etc/hosts, which made this crash once; no resolver knows the last two.
TEST(Listener, LocalhostIsLoopbackByDefinition) {
  for (const char* address :
       {"localhost:0", "LocalHost:0", "localhost.:0", "web.localhost:0", "a.b.localhost.:0"}) {
    const auto listener = Open(address);
    ASSERT_NE(listener, nullptr) << address;
    EXPECT_TRUE(listener->loopback()) << address;
  }
  for (const char* other : {"localhost.invalid:0", "notlocalhost.invalid:0"}) {
    EXPECT_FALSE(Listener::Open(other).ok()) << other;
  }
}

TEST(Listener, AnErrorNamesTheAddress) {
  const auto taken = Open("127.0.0.1:0");
  const std::string address = taken->address();
  for (const std::string& bad :
       {address, std::string("nonsense"), std::string("127.0.0.1:"), std::string("::1:80"),
        std::string("127.0.0.1:http"), std::string("203.0.113.1:0"), std::string("no.invalid:1")}) {
    const auto listener = Listener::Open(bad);
    ASSERT_FALSE(listener.ok()) << bad;
    EXPECT_THAT(std::string(listener.status().message()),
                StartsWith("can't listen on " + bad + ": "));
  }
}

TEST(Listener, ThePortIsFreeAgainAtOnce) {
  auto listener = Open("127.0.0.1:0");
  const std::string address = listener->address();
  listener.reset();
  EXPECT_EQ(Open(address)->address(), address);
}

}  // namespace
}  // namespace signinwatch
