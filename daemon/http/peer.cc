#include "daemon/http/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace signinwatch {
namespace {

std::string TextOf(int family, const void* bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  return ::inet_ntop(family, bytes, text, sizeof(text)) == nullptr ? "unknown" : text;
}

}  // namespace

Peer PeerOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const std::string text =
        TextOf(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr);
    return {text, text};
  }
  if (address.ss_family != AF_INET6) return {"unknown", "unknown"};
  in6_addr v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    const std::string text = TextOf(AF_INET, v6.s6_addr + 12);
    return {text, text};
  }
  Peer peer{TextOf(AF_INET6, &v6), {}};
  std::fill_n(v6.s6_addr + 8, 8, uint8_t{0});
  peer.network = TextOf(AF_INET6, &v6);
  return peer;
}

}  // namespace signinwatch
