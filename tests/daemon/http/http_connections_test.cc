// Over the loopback address, with the deadlines of a real clock. Single steps are
// http_connection_test.cc's.
#include "daemon/http/http_connections.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http/http_message.h"
#include "daemon/http/listener.h"
#include "tests/daemon/http/raw_client.h"

namespace signinwatch::http {
namespace http_connections_test {

using boost::asio::ip::tcp;
using std::chrono::milliseconds;
using testing::EndsWith;

// Says "hello" to whoever has asked.
class HttpConnectionsTest : public testing::Test {
 protected:
  void SetUp() override {
    limits_.request_timeout = std::chrono::minutes(10);
    limits_.stop_timeout = {};
    auto acceptor = Listen(io_, "127.0.0.1:0");
    ASSERT_TRUE(acceptor.ok());
    port_ = acceptor->local_endpoint().port();
    acceptor_.emplace(*std::move(acceptor));
  }
  void Start() {
    connections_ = std::make_unique<HttpConnections>(
        clock::SystemClock(), io_, *std::move(acceptor_), limits_,
        [this](tcp::socket socket) {
          return std::make_shared<HttpConnection>(clock::SystemClock(), std::move(socket), access_,
                                                  limits_);
        },
        [this](const auto& connection, const auto& error) {
          {
            const std::lock_guard lock(mutex_);
            heard_.push_back(error ? error.message() : std::string(connection->request().target()));
          }
          connection->Send(WireReply({.body = body_}, config::WebConfig{}, ""));
        });
  }
  [[nodiscard]] int port() const { return port_; }
  std::vector<std::string> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

  HttpLimits limits_;
  std::string body_ = "hello";
  const std::shared_ptr<const WebAccess::State> access_ =
      std::make_shared<const WebAccess::State>(config::WebConfig{});
  boost::asio::io_context io_;
  std::optional<tcp::acceptor> acceptor_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::unique_ptr<HttpConnections> connections_;
};

TEST_F(HttpConnectionsTest, HearsWhatHasComeWhole) {
  RawClient early(port());  // before it listens
  early.Send("GET /early HTTP/1.1\r\n\r\n");
  Start();
  EXPECT_THAT(early.ReadAll(), EndsWith("\r\n\r\nhello"));
  RawClient slow(port());
  for (const char* piece : {"GET ", "/slow HTTP/1.1\r\nHost: x\r", "\n\r", "\nbody"}) {
    slow.Send(piece);
  }
  EXPECT_THAT(slow.ReadAll(), EndsWith("\r\n\r\nhello"));
  RawClient half(port());
  half.Send("GET /half");
  ::shutdown(half.socket(), SHUT_WR);
  EXPECT_THAT(half.ReadAll(), EndsWith("\r\n\r\nhello"));
  EXPECT_EQ(heard(), (std::vector<std::string>{"/early", "/slow", "partial message"}));
}

TEST_F(HttpConnectionsTest, ARequestHasABound) {
  limits_.request_bytes_max = 100;
  Start();
  RawClient client(port());
  client.Send("GET /" + std::string(95, 'x'));
  EXPECT_THAT(client.ReadAll(), EndsWith("\r\n\r\nhello"));
  EXPECT_THAT(heard(),
              testing::ElementsAre(testing::AnyOf("buffer overflow", "header limit exceeded")));
}

TEST_F(HttpConnectionsTest, WhoDoesNotAskInTimeIsLeft) {
  limits_.request_timeout = milliseconds(50);
  Start();
  RawClient silent(port());
  RawClient half(port());
  half.Send("GET / HT");
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_EQ(half.ReadAll(), "");
}

// 72 silent connections, of which each held a thread or a place in the queue, took the port once.
TEST_F(HttpConnectionsTest, SilentAndSlowConnectionsTakeNothingFromOthers) {
  Start();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 300; ++i) {
    silent.push_back(std::make_unique<RawClient>(port()));
    if (i % 2 == 0) silent.back()->Send("GET / HT");
  }
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.ReadAll(), EndsWith("\r\n\r\nhello"));
  // The oldest of this peer made room, before the one that asked was heard.
  EXPECT_EQ(silent.front()->ReadAll(), "");
  EXPECT_GE(connections_->ended_for_room(), 300 - limits_.arriving_of_peer_max);
}

TEST_F(HttpConnectionsTest, ThoseOfAllTogetherHaveABoundToo) {
  limits_.arriving_max = 4;
  Start();
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 5; ++i) silent.push_back(std::make_unique<RawClient>(port()));
  EXPECT_EQ(silent.front()->ReadAll(), "");
}

// It lingers, since more of its body may come.
TEST_F(HttpConnectionsTest, WhoHasItsAnswerMakesRoomFirstAndIsNotCounted) {
  limits_.arriving_of_peer_max = 2;
  Start();
  RawClient answered(port());
  answered.Send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx");
  char byte = 0;
  EXPECT_EQ(::recv(answered.socket(), &byte, 1, 0), 1);
  RawClient slow(port());
  slow.Send("GET / HT");
  RawClient next(port());
  EXPECT_THAT(next.Ask("GET / HTTP/1.1\r\n\r\n"), EndsWith("\r\n\r\nhello"));
  EXPECT_THAT(answered.ReadAll(), EndsWith("\r\n\r\nhello"));
  slow.Send("TP/1.1\r\n\r\n");
  EXPECT_THAT(slow.ReadAll(), EndsWith("\r\n\r\nhello"));
  EXPECT_EQ(connections_->ended_for_room(), 0U);
}

TEST_F(HttpConnectionsTest, AtItsEndItHearsWhoHasBegunAndWaitsForNobodyElse) {
  limits_.stop_timeout = std::chrono::minutes(10);
  Start();
  RawClient silent(port());
  RawClient half(port());
  half.Send("GET /");
  // Both are known by then.
  RawClient last(port());
  EXPECT_THAT(last.Ask("x / HTTP/1.1\r\n\r\n"), EndsWith("\r\n\r\nhello"));
  std::thread end([this] { connections_.reset(); });
  EXPECT_EQ(silent.ReadAll(), "");
  half.Send(" HTTP/1.1\r\n\r\n");
  EXPECT_THAT(half.ReadAll(), EndsWith("\r\n\r\nhello"));
  end.join();
}

TEST_F(HttpConnectionsTest, AtItsEndItWaitsNoLongerThanItMay) {
  Start();
  RawClient half(port());
  half.Send("GET /");
  connections_.reset();
  EXPECT_EQ(half.ReadAll(), "");
}

TEST_F(HttpConnectionsTest, GivesUpOnAClientThatDoesNotRead) {
  limits_.write_timeout = milliseconds(50);
  body_.assign(100'000'000, 'x');
  Start();
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  // Longer than it waits, so that nothing is read meanwhile; it may be longer still.
  std::this_thread::sleep_for(milliseconds(400));
  EXPECT_LT(client.ReadAll().size(), body_.size());
}

TEST_F(HttpConnectionsTest, AnAnswerHasOneDeadlineToo) {
  limits_.answer_timeout = milliseconds(200);
  body_.assign(1'000'000'000, 'x');
  Start();
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\n\r\n");
  // Read on all the time, but slower than it is written.
  size_t read = 0;
  char bytes[64 * 1024];
  for (ssize_t got; (got = ::recv(client.socket(), bytes, sizeof(bytes), 0)) > 0;) {
    read += static_cast<size_t>(got);
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_GT(read, 0U);
  EXPECT_LT(read, body_.size());
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

TEST_F(HttpConnectionsTest, ALackOfDescriptorsPasses) {
  Start();
  RawClient client;
  {
    const NoDescriptors none;
    client.Connect(port());
    client.Send("GET / HTTP/1.1\r\n\r\n");
    // Time for it to fail; that it comes too late changes nothing of what is expected.
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_THAT(client.ReadAll(), EndsWith("\r\n\r\nhello"));
  EXPECT_THAT(RawClient(port()).Ask("GET / HTTP/1.1\r\n\r\n"), EndsWith("\r\n\r\nhello"));
}

}  // namespace http_connections_test
}  // namespace signinwatch::http
