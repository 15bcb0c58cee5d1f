#include "daemon/http/peer.h"

#include <boost/asio/ip/network_v6.hpp>

namespace signinwatch::http {

namespace ip = boost::asio::ip;

Peer PeerOf(const ip::address& address) {
  if (address.is_v6() && !address.to_v6().is_v4_mapped()) {
    const ip::address_v6 v6(address.to_v6().to_bytes());  // without a zone
    return {v6.to_string(), ip::network_v6(v6, 64).network().to_string()};
  }
  const std::string text = address.is_v4()
                               ? address.to_string()
                               : ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string();
  return {text, text};
}

Peer PeerOf(const ip::tcp::socket& socket) {
  boost::system::error_code error;
  const auto end = socket.remote_endpoint(error);
  return error ? Peer{"unknown", "unknown"} : PeerOf(end.address());
}

}  // namespace signinwatch::http
