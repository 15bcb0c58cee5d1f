#include "daemon/http/http_connection.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <limits>
#include <string_view>
#include <utility>

namespace signinwatch::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

namespace {

constexpr std::string_view kPlainHttpAnswer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 49\r\n"
    "Connection: close\r\n\r\nthis is an HTTPS server: ask again with https://\n";

}  // namespace

HttpConnection::HttpConnection(const clock::Clock& clock, asio::ip::tcp::socket socket,
                               std::shared_ptr<const WebAccess::State> access,
                               const HttpLimits& limits)
    : deadline(clock.Steady() + limits.request_timeout),
      clock_(clock),
      socket_(std::move(socket)),
      peer_(PeerOf(socket_)),
      access_(std::move(access)),
      limits_(limits),
      buffer_(limits.request_bytes_max) {
  if (access_->tls != nullptr) tls_.emplace(socket_, access_->tls->context());
  parser_.header_limit(static_cast<uint32_t>(limits.request_bytes_max));
  // It is not read. Without a limit, Boost 1.74 takes none at all.
  parser_.body_limit(std::numeric_limits<uint64_t>::max());
}

void HttpConnection::Hear(Heard heard) {
  if (!tls_) return HearHead(std::move(heard));
  tls_->async_handshake(
      asio::ssl::stream_base::server,
      [self = shared_from_this(), heard = std::move(heard)](error_code error) mutable {
        if (!error) return self->HearHead(std::move(heard));
        if (ERR_GET_REASON(static_cast<unsigned long>(error.value())) != SSL_R_HTTP_REQUEST) return;
        self->socket_.non_blocking(true, error);
        self->socket_.send(asio::buffer(kPlainHttpAnswer), 0, error);
      });
}

void HttpConnection::HearHead(Heard heard) {
  OnStream([&](auto& stream) {
    beast::http::async_read_header(
        stream, buffer_, parser_, [self = shared_from_this(), heard](error_code error, size_t) {
          static const error_code kOfBeast = beast::http::error::bad_method;
          const bool silent = error == beast::http::error::end_of_stream;
          if (error && (silent || error.category() != kOfBeast.category())) return;
          self->deadline = clock::SteadyTime::max();
          heard(self, error);
        });
  });
}

void HttpConnection::Send(WireResponse response, std::shared_ptr<void> place) {
  response_ = std::move(response);
  place_ = std::move(place);
  answer_by_ = clock_.Steady() + limits_.answer_timeout;
  serializer_.emplace(response_);
  serializer_->split(request().method() == beast::http::verb::head);
  SendSome();
}

void HttpConnection::SendSome() {
  if (serializer_->split() ? serializer_->is_header_done() : serializer_->is_done()) {
    return Finish();
  }
  deadline = std::min(clock_.Steady() + limits_.write_timeout, answer_by_);
  OnStream([&](auto& stream) {
    beast::http::async_write_some(stream, *serializer_,
                                  [self = shared_from_this()](error_code error, size_t) {
                                    if (!error) self->SendSome();
                                  });
  });
}

// Unread bytes would make the close a reset, which can overtake the answer.
void HttpConnection::Finish() {
  constexpr std::chrono::milliseconds kPatience(200);
  deadline = clock_.Steady() + kPatience;
  place_.reset();
  may_be_ended = true;
  if (!tls_) return Drain(0);
  tls_->async_shutdown([self = shared_from_this()](error_code) { self->Drain(0); });
}

void HttpConnection::Drain(size_t bytes) {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  // Only where bytes are seen to be unread: a client that sent one request waits for the close.
  const bool unread = bytes > 0 || buffer_.size() > 0 || socket_.available(error) > 0;
  if (error || !unread || bytes >= limits_.request_bytes_max) return;
  socket_.async_read_some(asio::buffer(unread_),
                          [self = shared_from_this(), bytes](error_code failed, size_t more) {
                            if (!failed) self->Drain(bytes + more);
                          });
}

void HttpConnection::Close() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

std::string HttpConnection::header(beast::http::field field) const {
  return std::string(request()[field]);
}

std::string HttpConnection::certified_name() {
  return tls_ ? CertifiedName(tls_->native_handle()) : std::string();
}

}  // namespace signinwatch::http
