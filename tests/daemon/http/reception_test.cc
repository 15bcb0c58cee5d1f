#include "daemon/http/reception.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/daemon/http/raw_client.h"
#include "tests/daemon/http/visits.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;

// Says "hello" to whoever has asked.
class ReceptionTest : public testing::Test {
 protected:
  void SetUp() override {
    limits_.request_timeout = std::chrono::minutes(10);
    auto listener = Listener::Open("127.0.0.1:0");
    ASSERT_TRUE(listener.ok());
    listener_ = *std::move(listener);
  }
  void Start() {
    reception_ = std::make_unique<Reception>(
        *listener_, limits_, closing_,
        [](int socket, Peer peer) {
          return std::make_unique<Visit>(socket, std::move(peer), PlainAccess());
        },
        [this](std::unique_ptr<Visit> visit) {
          {
            const std::lock_guard lock(mutex_);
            heard_.push_back(visit->received);
          }
          visit->TurnAway("hello");
        });
  }
  void TearDown() override {
    if (reception_ != nullptr) closing_.Begin(milliseconds(0));
  }
  [[nodiscard]] int port() const { return listener_->port(); }
  std::vector<std::string> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

  HttpLimits limits_;
  ClosingTime closing_;
  std::unique_ptr<Listener> listener_;
  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::unique_ptr<Reception> reception_;
};

TEST_F(ReceptionTest, HandsOnWhatHasComeWhole) {
  RawClient early(port());  // before it listens
  early.Send("GET /early HTTP/1.1\r\n\r\n");
  Start();
  EXPECT_EQ(early.ReadAll(), "hello");
  RawClient slow(port());
  for (const char* piece : {"GET ", "/slow HTTP/1.1\r\nHost: x\r", "\n\r", "\nbody"}) {
    slow.Send(piece);
  }
  EXPECT_EQ(slow.ReadAll(), "hello");
  RawClient half(port());
  half.Send("GET /half");
  ::shutdown(half.socket(), SHUT_WR);
  EXPECT_EQ(half.ReadAll(), "hello");
  EXPECT_EQ(heard()[0], "GET /early HTTP/1.1\r\n\r\n");
  EXPECT_THAT(heard()[1], testing::StartsWith("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(heard()[2], "GET /half");
}

TEST_F(ReceptionTest, ARequestHasABound) {
  limits_.request_bytes_max = 100;
  Start();
  RawClient client(port());
  client.Send(std::string(100, 'x'));
  EXPECT_EQ(client.ReadAll(), "hello");
  EXPECT_EQ(heard()[0].size(), 100u);
}

TEST_F(ReceptionTest, WhoDoesNotAskInTimeIsLeft) {
  limits_.request_timeout = milliseconds(50);
  Start();
  RawClient silent(port());
  RawClient half(port());
  half.Send("GET / HT");
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(half.ReadAll(), "");
}

// 72 silent connections, of which each held a thread or a place in the queue, took the port once.
TEST_F(ReceptionTest, SilentAndSlowConnectionsTakeNothingFromOthers) {
  Start();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 300; ++i) {
    silent.push_back(std::make_unique<RawClient>(port()));
    if (i % 2 == 0) silent.back()->Send("GET / HT");
  }
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.ReadAll(), "hello");
  // The oldest of this peer made room, before the one that asked was heard.
  EXPECT_EQ(silent.front()->ReadAll(), "");
  EXPECT_GE(reception_->ended_for_room(), 300 - limits_.arriving_of_peer_max);
}

TEST_F(ReceptionTest, ThoseOfAllTogetherHaveABoundToo) {
  limits_.arriving_max = 4;
  Start();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 5; ++i) silent.push_back(std::make_unique<RawClient>(port()));
  EXPECT_EQ(silent.front()->ReadAll(), "");
}

TEST_F(ReceptionTest, AtItsEndItHearsWhoHasBegunAndWaitsForNobodyElse) {
  Start();
  RawClient silent(port());
  RawClient half(port());
  half.Send("GET /");
  // Both are known by then.
  RawClient last(port());
  EXPECT_EQ(last.Ask("x\r\n\r\n"), "hello");
  closing_.Begin(std::chrono::minutes(10));
  std::thread end([this] { reception_.reset(); });
  EXPECT_EQ(silent.ReadAll(), "");
  half.Send(" HTTP/1.1\r\n\r\n");
  EXPECT_EQ(half.ReadAll(), "hello");
  end.join();
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

TEST_F(ReceptionTest, ALackOfDescriptorsPasses) {
  Start();
  RawClient client;
  {
    const NoDescriptors none;
    client.Connect(port());
    client.Send("x\r\n\r\n");
    // Time for it to fail; that it comes too late changes nothing of what is expected.
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_EQ(client.ReadAll(), "hello");
  EXPECT_EQ(RawClient(port()).Ask("x\r\n\r\n"), "hello");
}

}  // namespace
}  // namespace signinwatch
