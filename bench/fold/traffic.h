// Ready-made signals of a population of any size, without a parser: what fold_bench folds.
//
// A user's id, tenant, networks, country and devices are functions of the user's number, so that
// ten million users take no memory here.
#ifndef SIGNINWATCH_BENCH_FOLD_TRAFFIC_H_
#define SIGNINWATCH_BENCH_FOLD_TRAFFIC_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/generator/random.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch {

class FoldTraffic {
 public:
  enum class Kind : uint8_t {
    kSuccesses,  // of users at random, from one of two places of each; 32 of one tenant at a time
    kFailures,  // of clients that fail about 30 times in 5 minutes: user bursts. The clients of one
                // user in 256 fail at a time (at most 10,000), so a user has a burst a day
  };

  explicit FoldTraffic(uint64_t users);

  // The users [first, first + count), twice each: from home on a laptop, and on the way on a phone.
  // The same country, so that five sources of each become familiar.
  void Introduce(uint64_t first, uint64_t count, ParsedMessage* message);

  // `count` sign-ins of a kind. Event time goes on by as much as so many take when a user has 72
  // successes a day, or a failing client a failure in 10 seconds, and is in disorder by up to 10
  // minutes.
  void Fill(Kind kind, size_t count, ParsedMessage* message);

  [[nodiscard]] uint64_t users() const { return users_; }

 private:
  struct Place {
    uint64_t user;
    bool away;
  };
  void Clear(ParsedMessage* message) const;
  [[nodiscard]] Signal SuccessOf(const Place& place);
  [[nodiscard]] Signal FailureOf(const Place& place, ParsedMessage* message);
  [[nodiscard]] uint64_t UserOf(uint64_t tenant);
  [[nodiscard]] uint64_t FailingUser();
  [[nodiscard]] EventTime Now(Duration step);

  const uint64_t users_;
  const uint64_t failing_clients_;
  const uint64_t tenants_;  // so many that few users of one fail at a time
  generator::Random random_;
  EventTime now_;
  std::vector<uint64_t> failing_;  // the users whose clients fail
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_BENCH_FOLD_TRAFFIC_H_
