// A limit of requests: a bucket that holds `burst` of them, to which one is added each `interval`.
#ifndef SIGNINWATCH_DAEMON_HTTP_TOKEN_BUCKET_H_
#define SIGNINWATCH_DAEMON_HTTP_TOKEN_BUCKET_H_

#include <algorithm>
#include <chrono>
#include <mutex>

#include "daemon/clock/clock.h"
#include "daemon/config/web_config.h"

namespace signinwatch::http {

// Thread-safe.
class TokenBucket {
 public:
  explicit TokenBucket(const config::WebRateLimit& limit)
      : limit_(limit), tokens_(static_cast<double>(limit.burst)) {}

  // Whether one more may come at `now`.
  [[nodiscard]] bool Take(clock::SteadyTime now) const {
    if (limit_.interval.count() == 0) return true;
    const std::lock_guard lock(mutex_);
    if (filled_ != clock::SteadyTime() && now > filled_) {
      const std::chrono::duration<double, std::nano> since = now - filled_;
      tokens_ = std::min(tokens_ + since / limit_.interval, static_cast<double>(limit_.burst));
    }
    filled_ = std::max(filled_, now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  const config::WebRateLimit limit_;
  mutable std::mutex mutex_;  // guards what follows
  mutable double tokens_;
  mutable clock::SteadyTime filled_;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_TOKEN_BUCKET_H_
