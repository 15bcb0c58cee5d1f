// What the HTTP server lets its clients take.
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_LIMITS_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_LIMITS_H_

#include <chrono>
#include <cstddef>

namespace signinwatch::http {

// Requests of one kind, which wait for workers of their own. More than wait are told to come again.
// One peer can take three quarters of the workers, and of what may wait.
struct LaneLimits {
  int workers = 1;
  size_t waiting_max = 64;
};

// A peer is an IPv4 address, or an IPv6 network of 64 bits.
struct HttpLimits {
  // Connections whose request is not whole yet, or that are refused or about to end: they hold a
  // descriptor and no thread. One more ends the oldest of the peer that has too many, or of the one
  // that has most.
  size_t arriving_max = 256;
  size_t arriving_of_peer_max = 64;

  LaneLimits ordinary{.workers = 8, .waiting_max = 64};
  LaneLimits health{.workers = 2, .waiting_max = 64};
  // Passwords that have to be hashed: costly, so never more at a time than these.
  LaneLimits log_in{.workers = 2, .waiting_max = 128};

  size_t request_bytes_max = size_t{64} << 10;  // of a request, all in all

  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);  // until it is whole
  std::chrono::milliseconds write_timeout = std::chrono::seconds(5);    // without any progress
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds stop_timeout =
      std::chrono::seconds(2);  // what has begun gets this long

  // The status page is made at most this often, however many people look at it.
  std::chrono::milliseconds page_age_max = std::chrono::seconds(1);
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_LIMITS_H_
