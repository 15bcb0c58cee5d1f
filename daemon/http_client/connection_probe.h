// How far a connection gets, for `signinwatch doctor`: name, TCP, TLS. Nothing is sent over it.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_CONNECTION_PROBE_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_CONNECTION_PROBE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace signinwatch::http_client {

struct ConnectionTarget {
  std::string address;  // host:port
  bool tls = false;
  std::string ca_file = {};  // empty: the system's authorities
  bool direct = false;       // by no proxy, whatever the environment names
  std::chrono::milliseconds timeout{5'000};
};

struct ConnectionFacts {
  enum class Reached : uint8_t { kNothing, kName, kPeer, kTls };  // kTls: certificate checked
  Reached reached = Reached::kNothing;
  // What TLS failed by, where it did.
  enum class TlsFault : uint8_t {
    kNoTls,      // the peer does not speak it, or not as we do
    kExpired,    // or not yet valid
    kOtherName,  // the certificate is not for this name
    kUntrusted,  // by no authority that is known here
  };
  std::string ip;     // of the peer
  std::string error;  // why it got no further; empty: it got as far as asked
  std::optional<std::chrono::sys_seconds> expiry = {};  // the first of the chain to expire
  TlsFault tls_fault = TlsFault::kNoTls;
};

[[nodiscard]] ConnectionFacts ProbeConnection(const ConnectionTarget& target);

// "https://host/path" -> "host:443" with TLS. nullopt: no URL of http or https.
[[nodiscard]] std::optional<ConnectionTarget> TargetOfUrl(const std::string& url);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_CONNECTION_PROBE_H_
