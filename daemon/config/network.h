// A range of IP addresses, as people write it: "203.0.113.7", "203.0.113.0/24", "2001:db8::/48".
#ifndef SIGNINWATCH_DAEMON_CONFIG_NETWORK_H_
#define SIGNINWATCH_DAEMON_CONFIG_NETWORK_H_

#include <optional>
#include <string_view>

#include "parser/ip_address.h"

namespace signinwatch::config {

struct Network {
  IpAddress address;  // its first bits count
  int bits = 128;     // how many; of IPv4 96 more than its own, as IpAddress keeps it in IPv6

  // IPv4 and IPv6 never meet, but for ::/0, which has all.
  [[nodiscard]] bool Contains(const IpAddress& other) const;
};

// nullopt: no address, a port, or a length that its family does not have. Bits behind the length
// are allowed, and say nothing.
[[nodiscard]] std::optional<Network> ParseNetwork(std::string_view text);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_NETWORK_H_
