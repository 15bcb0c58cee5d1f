// What the client's statistics say that its functions do not: which brokers answer, which
// partitions a topic has, who leads them. For the sources of this folder only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_STATISTICS_H_
#define SIGNINWATCH_DAEMON_KAFKA_STATISTICS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signinwatch::kafka {

struct Statistics {
  struct Broker {
    int32_t id = -1;   // -1: of the configuration, not known to be part of the cluster yet
    std::string name;  // host:port
    bool up = false;   // connected and logged in
    uint64_t received_bytes = 0;
    uint64_t responses = 0;
    int64_t requests_waiting = 0;  // sent, not answered
    double throttle_seconds = 0;
  };
  struct Partition {
    int32_t id = 0;
    int32_t broker = -1;  // whom it is fetched from, by id; -1: nobody
  };

  bool group_steady = false;  // a member, and no rebalance is going on
  std::vector<Broker> brokers;
  std::map<std::string, std::vector<Partition>> topics;
};

// Reads the JSON that librdkafka hands to its statistics callback (STATISTICS.md there). nullopt:
// not readable.
[[nodiscard]] std::optional<Statistics> ParseStatistics(std::string_view json);

// Which brokers answer. A connection that stays open and silent says as much as none.
class BrokerWatch {
 public:
  // Statistics in a row, a second apart, in which a broker owed answers and gave none. It answers
  // a fetch in fetch.wait.max.ms at the latest.
  static constexpr int kSilentMax = 15;

  void Update(const Statistics& statistics);
  // False for a broker that is not known, and for none (-1).
  [[nodiscard]] bool IsReachable(int32_t id) const;

 private:
  struct State {
    bool known = false;
    bool up = false;
    uint64_t responses = 0;
    int silent = 0;
  };
  std::map<int32_t, State> brokers_;  // as many as the cluster has
};

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_STATISTICS_H_
