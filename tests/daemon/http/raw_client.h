// A client that says exactly what it is told to, well-formed or not.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_RAW_CLIENT_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_RAW_CLIENT_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace signinwatch::http {

class RawClient {
 public:
  RawClient() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit RawClient(int port) : RawClient() { Connect(port); }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Connect(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  // False: the other side does not listen any more.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // All that comes until the other side closes. A server that says nothing for ten seconds fails
  // the test.
  std::string ReadAll() {
    std::string all;
    char bytes[4096];
    while (true) {
      pollfd watched = {socket_, POLLIN, 0};
      if (::poll(&watched, 1, 10'000) <= 0) {
        ADD_FAILURE() << "no answer, and not closed";
        return all;
      }
      const ssize_t got = ::recv(socket_, bytes, sizeof(bytes), 0);
      if (got <= 0) return all;
      all.append(bytes, static_cast<size_t>(got));
    }
  }

  std::string Ask(std::string_view request) {
    Send(request);
    return ReadAll();
  }

  [[nodiscard]] int socket() const { return socket_; }

 private:
  const int socket_;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_RAW_CLIENT_H_
