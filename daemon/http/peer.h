// Who is at the other end of a connection.
#ifndef SIGNINWATCH_DAEMON_HTTP_PEER_H_
#define SIGNINWATCH_DAEMON_HTTP_PEER_H_

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace signinwatch::http {

struct Peer {
  std::string address;  // "203.0.113.7", "2001:db8::1"
  // What limits count by: an IPv4 address, or the first 64 bits of an IPv6 one, of which anybody
  // has as many as they like.
  std::string network;
};

[[nodiscard]] Peer PeerOf(const boost::asio::ip::address& address);
// Both are "unknown" where the other end is gone already.
[[nodiscard]] Peer PeerOf(const boost::asio::ip::tcp::socket& socket);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PEER_H_
