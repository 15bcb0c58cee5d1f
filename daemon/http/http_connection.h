// One connection and its one request, plain or within TLS, from its acceptance to its close.
//
//   connection->Hear([](const auto& connection, error_code error) { connection->Send(...); });
//
// Whatever it waits for ends at its deadline, by who looks after all connections
// (http_connections.h).
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_CONNECTION_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/clock/clock.h"
#include "daemon/http/http_limits.h"
#include "daemon/http/peer.h"
#include "daemon/http/web_access.h"

namespace signinwatch::http {

using WireRequest = boost::beast::http::request<boost::beast::http::empty_body>;
using WireResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Of the thread that runs its socket, but for what is const.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  // `limits` and `clock` outlive it; `access` holds for as long as it lasts.
  HttpConnection(const clock::Clock& clock, boost::asio::ip::tcp::socket socket,
                 std::shared_ptr<const WebAccess::State> access, const HttpLimits& limits);

  // The handshake, and the head of the request; an error is Beast's: what came is no request. Where
  // nothing came in time, or no handshake, the connection ends without a word.
  using Heard = std::function<void(std::shared_ptr<HttpConnection>, boost::system::error_code)>;
  void Hear(Heard heard);
  // Then ends it, so that the answer can be read. Keeps `place` until all is sent.
  void Send(WireResponse response, std::shared_ptr<void> place = nullptr);
  void Close();

  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] const WebAccess::State& access() const { return *access_; }
  [[nodiscard]] const WireRequest& request() const { return parser_.get(); }
  [[nodiscard]] std::string header(boost::beast::http::field field) const;
  [[nodiscard]] bool has_begun() const { return parser_.got_some(); }  // to ask
  [[nodiscard]] bool has_asked() const { return parser_.is_header_done(); }
  // Of the certificate that was checked; empty: nobody's.
  [[nodiscard]] std::string certified_name();

  clock::SteadyTime deadline;
  bool may_be_ended = true;  // to make room for another: it has no place in a lane

 private:
  template <typename Call>
  void OnStream(Call call) {
    tls_ ? call(*tls_) : call(socket_);
  }
  void HearHead(Heard heard);
  void SendSome();
  void Finish();
  void Drain(size_t bytes);

  const clock::Clock& clock_;
  boost::asio::ip::tcp::socket socket_;
  const Peer peer_;
  const std::shared_ptr<const WebAccess::State> access_;
  const HttpLimits& limits_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  WireResponse response_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>>
      serializer_;
  std::shared_ptr<void> place_;
  clock::SteadyTime answer_by_;
  char unread_[1024];
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_CONNECTION_H_
