// What the HTTP server lets its clients take.
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_LIMITS_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_LIMITS_H_

#include <chrono>
#include <cstddef>

namespace signinwatch {

struct HttpLimits {
  int workers = 8;          // connections that are answered at a time
  size_t waiting_max = 64;  // accepted connections that wait for a worker; more are told to go
  size_t request_bytes_max = size_t{64} << 10;  // of a request, all in all

  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);  // until it is whole
  // The same while others wait: who has not sent a request by then makes room.
  std::chrono::milliseconds request_timeout_crowded = std::chrono::milliseconds(500);
  std::chrono::milliseconds write_timeout = std::chrono::seconds(5);  // without any progress
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds stop_timeout =
      std::chrono::seconds(2);  // what has begun gets this long

  // The status page is made at most this often, however many people look at it.
  std::chrono::milliseconds page_age_max = std::chrono::seconds(1);
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_LIMITS_H_
