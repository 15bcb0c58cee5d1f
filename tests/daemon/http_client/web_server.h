// HTTP servers of a test on a free port of the loopback address, gone with the object.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_WEB_SERVER_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_WEB_SERVER_H_

#include <httplib.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "tests/daemon/http_client/certificates.h"

namespace signinwatch::http_client {

// Answers each request by a function, which is called from any of several threads.
class WebServer {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit WebServer(Handler handler, const Certificate* certificate = nullptr);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // "https://127.0.0.1:PORT/path"
  [[nodiscard]] std::string Url(const std::string& path) const;

 private:
  std::unique_ptr<httplib::Server> server_;
  const char* scheme_;
  int port_ = 0;
  std::thread thread_;
};

// For what no well-behaved server does: a function gets each connection's socket, on one thread.
class RawServer {
 public:
  explicit RawServer(std::function<void(int fd)> handler);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string Url(const std::string& path) const;

  // Reads a request's head, and its body as Content-Length says.
  static std::string ReadRequest(int fd);
  // false: the other has closed the connection.
  static bool Write(int fd, const std::string& bytes);
  // Waits until the other closes the connection.
  static void WaitForClose(int fd);
  // The connection ends by a reset, not in good order.
  static void Reset(int fd);

 private:
  std::function<void(int)> handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_WEB_SERVER_H_
