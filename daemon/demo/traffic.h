// The demo's traffic: generated, in compressed time, into a topic, by a thread of its own.
#ifndef SIGNINWATCH_DAEMON_DEMO_TRAFFIC_H_
#define SIGNINWATCH_DAEMON_DEMO_TRAFFIC_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"

namespace signinwatch::demo {

struct DemoTrafficOptions {
  std::string brokers;
  std::string topic;
  uint32_t partitions = 4;
  uint32_t speed = 180;
  uint32_t users = 1'500;
};

class DemoTraffic {
 public:
  // Starts at once with the hours before the first planted scenario, so that tickets come soon.
  // Traffic that has caught up with the clock goes on in real time, for a month.
  // `clock` outlives it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<DemoTraffic>> Start(
      const clock::Clock& clock, const DemoTrafficOptions& options);
  ~DemoTraffic();  // Stop
  DemoTraffic(const DemoTraffic&) = delete;
  DemoTraffic& operator=(const DemoTraffic&) = delete;

  // Ends it, within seconds.
  void Stop();
  // It ended because of an error, which Stop leaves in error().
  [[nodiscard]] bool failed() const { return failed_; }
  // After Stop; empty if all was well.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  DemoTraffic() = default;

  std::atomic<bool> stop_ = false;
  std::atomic<bool> failed_ = false;
  std::string error_;
  std::thread thread_;
};

}  // namespace signinwatch::demo

#endif  // SIGNINWATCH_DAEMON_DEMO_TRAFFIC_H_
