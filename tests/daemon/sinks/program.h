// A program of somebody else's that a test starts beside itself, as whoever runs the test.
//
//   const int port = FreePort();
//   Program daemon({"rsyslogd", "-n", "-f", folder.Path("rsyslog.conf")});
//   ASSERT_TRUE(Eventually([&] { return Listens(port); }));
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_PROGRAM_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_PROGRAM_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

extern char** environ;

namespace signinwatch::sinks {

inline sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Of TCP at 127.0.0.1.
inline int FreePort() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(probe, generic, size), 0);
  EXPECT_EQ(::getsockname(probe, generic, &size), 0);
  ::close(probe);
  return ntohs(address.sin_port);
}

inline bool Listens(int port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(port);
  const bool listens =
      ::connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  ::close(probe);
  return listens;
}

class Program {
 public:
  // The first word is looked for in PATH and where Debian keeps daemons.
  explicit Program(std::vector<std::string> words) {
    const std::string name = words[0];
    for (const char* folder : {"", "/usr/sbin/", "/sbin/"}) {
      words[0] = folder + name;
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      const int error =
          ::posix_spawnp(&process_, arguments[0], nullptr, nullptr, arguments.data(), environ);
      if (error == 0) return;
      process_ = -1;
    }
  }
  ~Program() {
    if (process_ < 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] bool started() const { return process_ >= 0; }
  // Waits for its end: the exit code, or -1.
  [[nodiscard]] int Wait() {
    int status = -1;
    if (process_ >= 0) ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = -1;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_PROGRAM_H_
