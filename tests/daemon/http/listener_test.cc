#include "daemon/http/listener.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/http/raw_client.h"

namespace signinwatch {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::unique_ptr<Listener> Open(const std::string& address, const HttpLimits& limits = {}) {
  auto listener = Listener::Open(address, limits);
  if (!listener.ok()) {
    ADD_FAILURE() << std::string(listener.status().message());
    return nullptr;
  }
  return *std::move(listener);
}

void SayHello(int socket, const Listener&) { (void)::send(socket, "hello", 5, MSG_NOSIGNAL); }

TEST(Listener, ServesOnAFreePortAndSaysWhere) {
  auto listener = Open("127.0.0.1:0");
  EXPECT_GT(listener->port(), 0);
  EXPECT_EQ(listener->address(), "127.0.0.1:" + std::to_string(listener->port()));
  EXPECT_TRUE(listener->loopback());
  RawClient early(listener->port());  // before it serves
  listener->Start("", SayHello);
  EXPECT_EQ(early.ReadAll(), "hello");
  EXPECT_EQ(RawClient(listener->port()).ReadAll(), "hello");
}

TEST(Listener, EveryAddressIsNotLoopback) {
  for (const char* address : {":0", "0.0.0.0:0"}) {
    auto listener = Open(address);
    EXPECT_FALSE(listener->loopback()) << address;
    listener->Start("", SayHello);
    EXPECT_EQ(RawClient(listener->port()).ReadAll(), "hello") << address;
  }
}

TEST(Listener, NamesAreFine) { EXPECT_TRUE(Open("localhost:0")->loopback()); }

TEST(Listener, AnErrorNamesTheAddress) {
  const auto taken = Open("127.0.0.1:0");
  const std::string address = taken->address();
  for (const std::string& bad :
       {address, std::string("nonsense"), std::string("127.0.0.1:"), std::string("::1:80"),
        std::string("127.0.0.1:http"), std::string("203.0.113.1:0"), std::string("no.invalid:1")}) {
    const auto listener = Listener::Open(bad, {});
    ASSERT_FALSE(listener.ok()) << bad;
    EXPECT_THAT(std::string(listener.status().message()),
                StartsWith("can't listen on " + bad + ": "));
  }
}

TEST(Listener, StoppedBeforeItWasStarted) { Open("127.0.0.1:0").reset(); }

TEST(Listener, ThePortIsFreeAgainAtOnce) {
  auto listener = Open("127.0.0.1:0");
  listener->Start("", SayHello);
  EXPECT_EQ(RawClient(listener->port()).ReadAll(), "hello");
  const std::string address = listener->address();
  listener.reset();
  EXPECT_EQ(Open(address)->address(), address);
}

TEST(Listener, MoreThanThereIsRoomForAreTurnedAway) {
  HttpLimits limits;
  limits.workers = 1;
  limits.waiting_max = 1;
  auto listener = Open("127.0.0.1:0", limits);
  std::promise<void> served;
  std::promise<void> go_on;
  std::shared_future<void> may_go_on = go_on.get_future().share();
  std::atomic<int> number{0};
  listener->Start("busy", [&](int socket, const Listener& at) {
    if (number++ == 0) {
      served.set_value();
      may_go_on.wait();
    }
    SayHello(socket, at);
  });
  RawClient first(listener->port());
  served.get_future().wait();
  EXPECT_FALSE(listener->crowded());
  RawClient second(listener->port());  // waits
  RawClient third(listener->port());
  EXPECT_EQ(third.ReadAll(), "busy");
  EXPECT_TRUE(listener->crowded());
  go_on.set_value();
  EXPECT_EQ(first.ReadAll(), "hello");
  EXPECT_EQ(second.ReadAll(), "hello");
}

TEST(Listener, ServesThoseWhoWaitBeforeItEnds) {
  HttpLimits limits;
  limits.workers = 1;
  limits.stop_timeout = std::chrono::minutes(10);
  auto listener = Open("127.0.0.1:0", limits);
  const int port = listener->port();
  std::promise<void> served;
  std::promise<void> go_on;
  std::shared_future<void> may_go_on = go_on.get_future().share();
  std::atomic<int> number{0};
  std::atomic<int> saw_stopping{0};
  listener->Start("", [&](int socket, const Listener& at) {
    if (number++ == 0) {
      served.set_value();
      may_go_on.wait();
      while (!at.stopping()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      EXPECT_LT(at.stop_by(), Listener::Clock::time_point::max());
    }
    if (at.stopping()) ++saw_stopping;
    SayHello(socket, at);
  });
  EXPECT_EQ(listener->stop_by(), Listener::Clock::time_point::max());
  RawClient first(port);
  served.get_future().wait();
  RawClient second(port);
  while (!listener->crowded()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  go_on.set_value();
  listener.reset();
  EXPECT_EQ(first.ReadAll(), "hello");
  EXPECT_EQ(second.ReadAll(), "hello");
  EXPECT_EQ(saw_stopping, 2);
}

// All descriptors of the process that may still be opened.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit small = before_;
    small.rlim_cur = 64;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &small), 0);
    for (int fd = ::open("/dev/null", O_RDONLY); fd >= 0; fd = ::open("/dev/null", O_RDONLY)) {
      taken_.push_back(fd);
    }
  }
  ~NoDescriptors() {
    for (const int fd : taken_) ::close(fd);
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST(Listener, ALackOfDescriptorsPasses) {
  auto listener = Open("127.0.0.1:0");
  listener->Start("", SayHello);
  RawClient client;
  {
    const NoDescriptors none;
    client.Connect(listener->port());
    // Time for it to fail; that it comes too late changes nothing of what is expected.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(client.ReadAll(), "hello");
  EXPECT_EQ(RawClient(listener->port()).ReadAll(), "hello");
}

}  // namespace
}  // namespace signinwatch
