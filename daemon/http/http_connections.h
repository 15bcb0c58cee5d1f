// Takes connections from a listening socket, on one thread that waits for nobody, and ends those
// whose time is up or whose room others need: a silent or slow client costs a descriptor, and no
// worker. A lack of descriptors is logged and waited for; it never ends the listening.
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_CONNECTIONS_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_CONNECTIONS_H_

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "daemon/clock/clock.h"
#include "daemon/http/http_connection.h"
#include "daemon/http/http_limits.h"

namespace signinwatch::http {

class HttpConnections {
 public:
  using Acceptor = boost::asio::ip::tcp::acceptor;
  using Begin = std::function<std::shared_ptr<HttpConnection>(boost::asio::ip::tcp::socket)>;

  // Runs `io` on a thread of its own from now on; `begin` and `heard` are called there. All that it
  // refers to outlives it.
  HttpConnections(const clock::Clock& clock, boost::asio::io_context& io, Acceptor acceptor,
                  const HttpLimits& limits, Begin begin, HttpConnection::Heard heard);
  // Takes no more, ends those that have not begun to ask, and gives the others stop_timeout.
  ~HttpConnections();
  HttpConnections(const HttpConnections&) = delete;
  HttpConnections& operator=(const HttpConnections&) = delete;

  [[nodiscard]] uint64_t ended_for_room() const { return ended_for_room_; }

 private:
  void Accept();
  void Take(boost::asio::ip::tcp::socket socket);
  void MakeRoomFor(const Peer& peer);
  void Expire();

  const clock::Clock& clock_;
  boost::asio::io_context& io_;
  Acceptor acceptor_;
  const HttpLimits limits_;
  const Begin begin_;
  const HttpConnection::Heard heard_;
  boost::asio::steady_timer accept_again_;
  boost::asio::steady_timer look_again_;
  std::map<uint64_t, std::weak_ptr<HttpConnection>> all_;  // by age
  uint64_t taken_ = 0;
  bool closing_ = false;
  clock::SteadyTime end_ = clock::SteadyTime::max();
  std::atomic<uint64_t> ended_for_room_{0};
  std::thread thread_;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_CONNECTIONS_H_
