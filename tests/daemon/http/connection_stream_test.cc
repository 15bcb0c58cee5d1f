#include "daemon/http/connection_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/daemon/http/visits.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;

class ConnectionStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    limits_.request_timeout = std::chrono::minutes(10);
    limits_.write_timeout = std::chrono::minutes(10);
    limits_.answer_timeout = std::chrono::minutes(10);
  }

  void Say(const std::string& text) { ends_.Say(text); }
  ConnectionStream Stream() { return {*ends_.visit, limits_, closing_}; }

  HttpLimits limits_;
  ClosingTime closing_;
  VisitPair ends_;
};

TEST_F(ConnectionStreamTest, BeginsWithWhatTheReceptionHasRead) {
  ends_.visit->received = "ab";
  ConnectionStream stream = Stream();
  Say("c");
  char bytes[8] = {};
  EXPECT_EQ(stream.read(bytes, 1), 1);
  EXPECT_EQ(stream.read(bytes, 8), 1);
  EXPECT_EQ(bytes[0], 'b');
  EXPECT_EQ(stream.read(bytes, 8), 1);
  EXPECT_EQ(bytes[0], 'c');
}

TEST_F(ConnectionStreamTest, AServerThatStopsWaitsNoLonger) {
  ConnectionStream stream = Stream();
  closing_.Begin(milliseconds(0));
  char byte = 0;
  EXPECT_EQ(stream.read(&byte, 1), -1);
}

TEST_F(ConnectionStreamTest, ReadsWhatComesAndThenTheEnd) {
  ConnectionStream stream = Stream();
  char bytes[8] = {};
  Say("abc");
  EXPECT_EQ(stream.read(bytes, 2), 2);
  EXPECT_EQ(std::string(bytes, 2), "ab");
  EXPECT_EQ(stream.read(bytes, 8), 1);
  EXPECT_EQ(bytes[0], 'c');
  ends_.CloseClient();
  EXPECT_EQ(stream.read(bytes, 8), 0);
}

TEST_F(ConnectionStreamTest, WaitsForWhatIsToCome) {
  ConnectionStream stream = Stream();
  std::thread peer([this] { Say("x"); });
  char byte = 0;
  EXPECT_EQ(stream.read(&byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  peer.join();
}

TEST_F(ConnectionStreamTest, TheWholeRequestHasOneDeadline) {
  limits_.request_timeout = milliseconds(50);
  ConnectionStream stream = Stream();
  char byte = 0;
  Say("a");
  EXPECT_EQ(stream.read(&byte, 1), 1);
  EXPECT_EQ(stream.read(&byte, 1), -1);
  // Another byte does not make another deadline.
  Say("b");
  EXPECT_EQ(stream.read(&byte, 1), 1);  // it is there
  EXPECT_EQ(stream.read(&byte, 1), -1);
}

TEST_F(ConnectionStreamTest, ARequestHasABound) {
  limits_.request_bytes_max = 10;
  ConnectionStream stream = Stream();
  Say(std::string(100, 'x'));
  char bytes[100];
  EXPECT_EQ(stream.read(bytes, 100), 10);
  EXPECT_EQ(stream.read(bytes, 100), -1);
}

TEST_F(ConnectionStreamTest, WritesAsMuchAsTheOtherSideTakes) {
  ConnectionStream stream = Stream();
  const std::string text(1 << 20, 'x');
  size_t received = 0;
  std::thread peer([&] {
    char bytes[4096];
    while (received < text.size()) {
      const ssize_t got = ::recv(ends_.client, bytes, sizeof(bytes), 0);
      if (got > 0) received += static_cast<size_t>(got);
      if (got < 0) std::this_thread::yield();
    }
  });
  size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t now = stream.write(text.data() + sent, text.size() - sent);
    ASSERT_GT(now, 0);
    sent += static_cast<size_t>(now);
  }
  peer.join();
  EXPECT_EQ(received, text.size());
}

TEST_F(ConnectionStreamTest, GivesUpOnAClientThatDoesNotRead) {
  limits_.write_timeout = milliseconds(20);
  ConnectionStream stream = Stream();
  const std::string text(1 << 20, 'x');
  ssize_t sent = 0;
  while (sent >= 0) sent = stream.write(text.data(), text.size());
  EXPECT_EQ(sent, -1);
}

TEST_F(ConnectionStreamTest, AnAnswerHasOneDeadlineToo) {
  limits_.answer_timeout = milliseconds(50);
  ConnectionStream stream = Stream();
  const std::string text(1 << 20, 'x');
  ssize_t sent = 0;
  // Read on all the time, but slower than it is written.
  while (sent >= 0) {
    sent = stream.write(text.data(), text.size());
    char bytes[1024];
    (void)::recv(ends_.client, bytes, sizeof(bytes), 0);
  }
  EXPECT_EQ(sent, -1);
}

TEST_F(ConnectionStreamTest, AClientThatIsGoneIsAnError) {
  ConnectionStream stream = Stream();
  ends_.CloseClient();
  EXPECT_EQ(stream.write("x", 1), -1);
}

TEST_F(ConnectionStreamTest, LingersUntilWhatWasNotReadIsRead) {
  ConnectionStream stream = Stream();
  char byte = 0;
  Say("ab");
  EXPECT_EQ(stream.read(&byte, 1), 1);
  ASSERT_EQ(stream.write("answer", 6), 6);
  stream.Linger();
  char bytes[16];
  EXPECT_EQ(::recv(ends_.client, bytes, sizeof(bytes), 0), 6);
  EXPECT_EQ(::recv(ends_.client, bytes, sizeof(bytes), 0), 0);  // it was told that no more comes
}

}  // namespace
}  // namespace signinwatch
