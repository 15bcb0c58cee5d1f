#include "daemon/sinks/stdout/stdout_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <future>
#include <string>
#include <thread>

#include "tests/daemon/sinks/deliveries.h"

namespace signinwatch::sinks {
namespace stdout_sink_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using Kind = SendResult::Kind;

class StdoutSinkTest : public testing::Test {
 protected:
  StdoutSinkTest() {
    ::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe2(pipe_, O_CLOEXEC), 0);
    // Two pages, of which a write of less than one takes one.
    ::fcntl(pipe_[1], F_SETPIPE_SZ, 8192);
  }
  ~StdoutSinkTest() override {
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }
  // Reads what there is, at most `size`.
  std::string Read(size_t size) {
    std::string text(size, '\0');
    pollfd ready{pipe_[0], POLLIN, 0};
    if (::poll(&ready, 1, 0) <= 0) return {};
    const ssize_t n = ::read(pipe_[0], text.data(), size);
    text.resize(n > 0 ? static_cast<size_t>(n) : 0);
    return text;
  }

  int pipe_[2];
};

store::Delivery LargeDelivery(int64_t sequence, char fill) {
  store::Delivery delivery = MakeDelivery(sequence);
  delivery.json = std::string(3'000, fill);
  return delivery;
}

TEST_F(StdoutSinkTest, WritesLines) {
  StdoutSink sink(pipe_[1]);
  const std::vector<store::Delivery> batch{MakeDelivery(1, "a"), MakeDelivery(2, "b")};
  EXPECT_EQ(sink.Send(batch)[1].kind, Kind::kDelivered);
  EXPECT_EQ(Read(1'000), batch[0].json + "\n" + batch[1].json + "\n");
}

TEST_F(StdoutSinkTest, AReaderThatDoesNotReadDelaysAndBreaksNoLine) {
  StdoutSink sink(pipe_[1], milliseconds(0));
  std::vector<store::Delivery> batch{LargeDelivery(1, 'a'), LargeDelivery(2, 'b'),
                                     LargeDelivery(3, 'c')};
  batch[1].json = std::string(20'000, 'b');
  const std::vector<SendResult> results = sink.Send(batch);
  EXPECT_EQ(results[0].kind, Kind::kDelivered);
  EXPECT_EQ(results[1].kind, Kind::kTemporary);
  EXPECT_EQ(results[2].kind, Kind::kTemporary);
  EXPECT_TRUE(results[2].sink_down);

  std::string text;
  size_t sent = 1;
  for (int i = 0; i < 100 && sent < batch.size(); ++i) {
    text += Read(100'000);
    for (const SendResult& result : sink.Send(std::span(batch).subspan(sent))) {
      sent += result.kind == Kind::kDelivered ? 1 : 0;
    }
  }
  text += Read(100'000);
  EXPECT_EQ(sent, batch.size());
  EXPECT_TRUE(text == batch[0].json + "\n" + batch[1].json + "\n" + batch[2].json + "\n");
}

TEST_F(StdoutSinkTest, AReaderThatIsGoneIsAnError) {
  ::close(pipe_[0]);
  pipe_[0] = -1;
  StdoutSink sink(pipe_[1], hours(1));
  const std::vector<store::Delivery> batch{MakeDelivery(1)};
  const SendResult result = sink.Send(batch)[0];
  EXPECT_EQ(result.kind, Kind::kTemporary);
  EXPECT_EQ(result.error, "Broken pipe");
}

TEST_F(StdoutSinkTest, CanBeCancelled) {
  StdoutSink sink(pipe_[1], hours(1));
  store::Delivery endless = MakeDelivery(1);
  endless.json = std::string(100'000, 'x');
  const std::vector<store::Delivery> batch{endless};
  auto results = std::async(std::launch::async, [&] { return sink.Send(batch); });
  while (Read(1).empty()) std::this_thread::yield();  // it has begun
  sink.Cancel();
  EXPECT_EQ(results.get()[0].kind, Kind::kTemporary);
}

}  // namespace stdout_sink_test
}  // namespace signinwatch::sinks
