#include "daemon/http/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/http/raw_client.h"

namespace signinwatch::http {
namespace listener_test {

using boost::asio::ip::tcp;
using testing::StartsWith;

// A socket that listens, where it does.
class Open {
 public:
  explicit Open(const std::string& address) : listener_(Listen(io_, address)) {
    if (!listener_.ok()) ADD_FAILURE() << std::string(listener_.status().message());
  }
  [[nodiscard]] tcp::endpoint at() const {
    return listener_.ok() ? listener_->local_endpoint() : tcp::endpoint();
  }
  [[nodiscard]] bool loopback() const { return at().address().is_loopback(); }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(at().port()); }

 private:
  boost::asio::io_context io_;
  absl::StatusOr<tcp::acceptor> listener_;
};

std::string ErrorOf(const std::string& address) {
  boost::asio::io_context io;
  const auto listener = Listen(io, address);
  return listener.ok() ? "" : std::string(listener.status().message());
}

TEST(Listener, OnAFreePortAndSaysWhere) {
  const Open listener("127.0.0.1:0");
  EXPECT_GT(listener.at().port(), 0);
  EXPECT_TRUE(listener.loopback());
  const RawClient waits(listener.at().port());  // in the system's queue
}

TEST(Listener, EveryAddressIsNotLoopback) {
  for (const char* address : {":0", "0.0.0.0:0"}) {
    const Open listener(address);
    EXPECT_FALSE(listener.loopback()) << address;
    const RawClient waits(listener.at().port());
  }
}

// Also on a machine without /etc/hosts, which made this crash once; no resolver knows the last two.
TEST(Listener, LocalhostIsLoopbackByDefinition) {
  for (const char* address :
       {"localhost:0", "LocalHost:0", "localhost.:0", "web.localhost:0", "a.b.localhost.:0"}) {
    EXPECT_TRUE(Open(address).loopback()) << address;
  }
  for (const char* other : {"localhost.invalid:0", "notlocalhost.invalid:0"}) {
    EXPECT_NE(ErrorOf(other), "") << other;
  }
}

TEST(Listener, AnErrorNamesTheAddress) {
  const Open taken("127.0.0.1:0");
  for (const std::string& bad :
       {taken.address(), std::string("nonsense"), std::string("127.0.0.1:"), std::string("::1:80"),
        std::string("127.0.0.1:http"), std::string("203.0.113.1:0"), std::string("no.invalid:1")}) {
    EXPECT_THAT(ErrorOf(bad), StartsWith("can't listen on " + bad + ": "));
  }
}

TEST(Listener, ThePortIsFreeAgainAtOnce) {
  const std::string address = Open("127.0.0.1:0").address();
  EXPECT_EQ(Open(address).address(), address);
}

}  // namespace listener_test
}  // namespace signinwatch::http
