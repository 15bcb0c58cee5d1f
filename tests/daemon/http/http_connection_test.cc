// One connection in steps, between which the test is its client and moves its clock.
#include "daemon/http/http_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "daemon/http/http_message.h"
#include "tests/daemon/clock/manual_clock.h"

namespace signinwatch::http {
namespace http_connection_test {

using std::chrono::seconds;
using testing::EndsWith;

class HttpConnectionTest : public testing::Test {
 protected:
  HttpConnectionTest() {
    limits_.request_timeout = seconds(10);
    limits_.write_timeout = seconds(3);
    limits_.answer_timeout = seconds(5);
  }
  ~HttpConnectionTest() override { CloseClient(); }

  void Start() {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    client_ = ends[1];
    boost::asio::ip::tcp::socket socket(io_, boost::asio::ip::tcp::v4(), ends[0]);
    connection_ = std::make_shared<HttpConnection>(
        clock_, std::move(socket), std::make_shared<const WebAccess::State>(config::WebConfig{}),
        limits_);
    connection_->Hear([this](const auto& connection, auto) {
      heard_ = connection->request().target().size() > 0;
      connection->Send(WireReply({.body = body_}, config::WebConfig{}, ""));
    });
    Run();
  }
  void Run() {
    io_.restart();
    io_.poll();
  }
  void Say(const std::string& text) {
    ASSERT_EQ(::send(client_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    Run();
  }
  // What has come until now, at most `size` bytes.
  std::string Read(size_t size) {
    std::string bytes(size, '\0');
    const ssize_t got = ::recv(client_, bytes.data(), size, MSG_DONTWAIT);
    bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
    Run();
    return bytes;
  }
  void CloseClient() {
    if (client_ >= 0) ::close(std::exchange(client_, -1));
  }
  // Nothing but the test holds it any more.
  bool Ended() {
    Run();
    return connection_.use_count() == 1;
  }
  clock::SteadyTime In(seconds span) { return clock_.Steady() + span; }

  HttpLimits limits_;
  clock::ManualClock clock_{EventTime()};
  std::string body_ = "hello";
  boost::asio::io_context io_;
  std::shared_ptr<HttpConnection> connection_;
  bool heard_ = false;
  int client_ = -1;
};

TEST_F(HttpConnectionTest, TheWholeRequestHasOneDeadline) {
  Start();
  const clock::SteadyTime deadline = In(seconds(10));
  EXPECT_FALSE(connection_->has_begun());
  for (const char* piece : {"GET / HTTP/1.1\r\n", "A: b", "\r\n"}) {
    EXPECT_EQ(connection_->deadline, deadline);
    clock_.Advance(seconds(1));
    Say(piece);
    EXPECT_TRUE(connection_->has_begun());
  }
  // Another byte does not make another deadline.
  EXPECT_EQ(connection_->deadline, deadline);
  EXPECT_FALSE(heard_);
  EXPECT_TRUE(connection_->may_be_ended);
  connection_->Close();
  EXPECT_TRUE(Ended());
  EXPECT_FALSE(heard_);
}

TEST_F(HttpConnectionTest, AnAnswerHasToGoOnAndHasOneDeadlineToo) {
  body_.assign(10'000'000, 'x');
  Start();
  Say("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(connection_->deadline, In(seconds(3)));
  const clock::SteadyTime answer_by = In(seconds(5));
  clock_.Advance(seconds(1));
  EXPECT_EQ(Read(300'000).empty(), false);
  EXPECT_EQ(connection_->deadline, In(seconds(3))) << "there was progress";
  clock_.Advance(seconds(2));
  EXPECT_EQ(Read(300'000).empty(), false);
  EXPECT_EQ(connection_->deadline, answer_by) << "all the same";
  connection_->Close();
  EXPECT_TRUE(Ended());
}

TEST_F(HttpConnectionTest, WritesAsMuchAsTheOtherSideTakes) {
  body_.assign(1 << 20, 'x');
  Start();
  Say("GET / HTTP/1.1\r\n\r\n");
  std::string answer;
  for (std::string more; !(more = Read(4096)).empty();) answer += more;
  EXPECT_THAT(answer, EndsWith("\r\n\r\n" + body_));
  EXPECT_TRUE(Ended());
}

TEST_F(HttpConnectionTest, AClientThatIsGoneEndsIt) {
  body_.assign(1 << 20, 'x');
  Start();
  Say("GET / HTTP/1.1\r\n\r\n");
  CloseClient();
  EXPECT_TRUE(Ended());
}

TEST_F(HttpConnectionTest, KeepsItsPlaceUntilAllIsSent) {
  body_.assign(1 << 20, 'x');
  Start();
  auto place = std::make_shared<int>();
  connection_->may_be_ended = false;
  connection_->Send(WireReply({.body = body_}, config::WebConfig{}, ""), place);
  Run();
  EXPECT_EQ(place.use_count(), 2);
  EXPECT_FALSE(connection_->may_be_ended);
  while (!Read(65'536).empty()) {
  }
  EXPECT_EQ(place.use_count(), 1);
  EXPECT_TRUE(connection_->may_be_ended);
}

TEST_F(HttpConnectionTest, TheHeadAloneWhereThatIsAskedFor) {
  Start();
  Say("HEAD / HTTP/1.1\r\n\r\n");
  const std::string answer = Read(4096);
  EXPECT_THAT(answer, testing::HasSubstr("\r\nContent-Length: 5\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  EXPECT_TRUE(Ended());
}

// A close with unread bytes is a reset, which can overtake the answer.
TEST_F(HttpConnectionTest, LingersUntilWhatWasNotReadIsRead) {
  Start();
  Say("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nab");
  EXPECT_THAT(Read(4096), EndsWith("hello"));
  EXPECT_FALSE(Ended()) << "more may come";
  EXPECT_EQ(connection_->deadline, clock_.Steady() + std::chrono::milliseconds(200));
  char byte = 0;
  EXPECT_EQ(::recv(client_, &byte, 1, 0), 0) << "it was told that no more comes";
  Say("cd");
  CloseClient();
  EXPECT_TRUE(Ended());
}

}  // namespace http_connection_test
}  // namespace signinwatch::http
