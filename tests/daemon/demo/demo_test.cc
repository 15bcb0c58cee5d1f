// The demo as a user sees it: in a process of its own, ended by time or by a signal.
#include "daemon/demo/demo.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::demo {
namespace demo_test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::chrono::seconds kPatience{60};  // far more than it takes

DemoOptions Fast() {
  DemoOptions options;
  options.listen = "127.0.0.1:0";
  options.speed = 2'000;
  options.users = 100;
  return options;
}

// Its temporary files are in a folder of the test.
class DemoProcess {
 public:
  explicit DemoProcess(const DemoOptions& options) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      ::setenv("TMPDIR", folder_.Path("").c_str(), 1);
      std::FILE* out = ::fdopen(ends[1], "w");
      const int code = RunDemo(options, out, out);
      std::fclose(out);
      std::_Exit(code);
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  ~DemoProcess() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    if (output_ >= 0) ::close(output_);
  }
  DemoProcess(const DemoProcess&) = delete;
  DemoProcess& operator=(const DemoProcess&) = delete;

  // Reads until the output has `what`; false if it ends before, or nothing comes.
  bool ReadUntil(const std::string& what) {
    while (text_.find(what) == std::string::npos) {
      if (!ReadSome()) return false;
    }
    return true;
  }
  void ReadToTheEnd() {
    while (ReadSome()) {
    }
  }
  void CloseOutput() { ::close(std::exchange(output_, -1)); }
  void Send(int signal) const { ::kill(pid_, signal); }

  // The exit code; -1 if a signal ended it.
  int Wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // Of the line "...: http://ADDRESS/".
  [[nodiscard]] std::string Address() const {
    const std::string mark = "http://";
    const size_t begin = text_.find(mark) + mark.size();
    return text_.substr(begin, text_.find('/', begin) - begin);
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool LeftNothingBehind() const {
    return std::filesystem::is_empty(folder_.Path(""));
  }

 private:
  bool ReadSome() {
    pollfd ready{output_, POLLIN, 0};
    const auto patience = std::chrono::milliseconds(kPatience);
    if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return false;
    char piece[4096];
    const ssize_t size = ::read(output_, piece, sizeof(piece));
    if (size > 0) text_.append(piece, static_cast<size_t>(size));
    return size > 0;
  }

  TemporaryFolder folder_;
  pid_t pid_ = -1;
  int output_ = -1;
  std::string text_;
};

TEST(DemoTest, ShowsTicketsAndAPageUntilItIsInterrupted) {
  DemoProcess demo(Fast());
  ASSERT_TRUE(demo.ReadUntil("/\n")) << demo.text();
  EXPECT_THAT(demo.text(), StartsWith("signinwatch demo: http://127.0.0.1:"));
  ASSERT_TRUE(demo.ReadUntil("opened, ")) << demo.text();
  EXPECT_THAT(demo.text(), HasSubstr("\nWHEN (UTC)"));

  httplib::Client client("http://" + demo.Address());
  client.set_read_timeout(kPatience);
  const httplib::Result page = client.Get("/");
  ASSERT_TRUE(page) << httplib::to_string(page.error());
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->body, HasSubstr("<html"));
  const httplib::Result tickets = client.Get("/api/v1/tickets");
  ASSERT_TRUE(tickets);
  EXPECT_THAT(tickets->body, HasSubstr("\"ticket_id\""));
  const httplib::Result metrics = client.Get("/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_THAT(metrics->body, HasSubstr("signinwatch_records_total{"));

  demo.Send(SIGINT);
  demo.ReadToTheEnd();
  EXPECT_EQ(demo.Wait(), 0);
  EXPECT_THAT(demo.text(), AllOf(HasSubstr(" records read: "), HasSubstr(" tickets opened, ")));
  EXPECT_TRUE(demo.LeftNothingBehind());
}

TEST(DemoTest, EndsByItself) {
  DemoOptions options = Fast();
  options.run_for = std::chrono::seconds(1);
  DemoProcess demo(options);
  demo.ReadToTheEnd();
  EXPECT_EQ(demo.Wait(), 0);
  EXPECT_THAT(demo.text(), AllOf(HasSubstr("\n/metrics has, among others:\nsigninwatch_"),
                                 HasSubstr(" records read: "), HasSubstr(" 0 rejected.")));
  EXPECT_TRUE(demo.LeftNothingBehind());
}

TEST(DemoTest, EndsWhenItsReaderGoesAway) {
  DemoProcess demo(Fast());
  ASSERT_TRUE(demo.ReadUntil("/\n")) << demo.text();
  demo.CloseOutput();
  EXPECT_EQ(demo.Wait(), 0);
  EXPECT_TRUE(demo.LeftNothingBehind());
}

TEST(DemoTest, AnAddressThatCanNotBeUsedIsExitTwo) {
  DemoOptions options = Fast();
  options.listen = "192.0.2.1:9";  // of no machine (RFC 5737)
  DemoProcess demo(options);
  demo.ReadToTheEnd();
  EXPECT_EQ(demo.Wait(), 2);
  EXPECT_THAT(demo.text(), AllOf(StartsWith("signinwatch demo: "), HasSubstr("192.0.2.1:9")));
  EXPECT_TRUE(demo.LeftNothingBehind());
}

}  // namespace demo_test
}  // namespace signinwatch::demo
