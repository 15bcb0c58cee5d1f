// Delivers what the store's outbox holds for one sink, on a thread of its own: at least once, in
// order within each ticket, under (ticket_id, revision) as the deduplication key (SPEC 7).
//
//   Delivery worker(config, outbox, sink, observer);
//   worker.Start();
//   worker.Wake();      // after each commit that has revisions
//   worker.Stop(5s);    // sends what it can until then; the rest stays in the outbox
#ifndef SIGNINWATCH_DAEMON_SINKS_DELIVERY_H_
#define SIGNINWATCH_DAEMON_SINKS_DELIVERY_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "daemon/config/serve_config.h"
#include "daemon/sinks/ticket_sink.h"
#include "daemon/store/outbox.h"

namespace signinwatch {

struct DeliveryStatus {
  std::string sink;
  std::string type;  // "webhook", ...
  uint64_t delivered = 0;
  uint64_t temporary_failures = 0;
  uint64_t permanent_failures = 0;
  uint64_t waiting_retry = 0;  // deliveries that have failed and are to be tried again
  bool down = false;           // the last attempt found the other side at fault
  std::string last_error;      // empty after a success
  EventTime last_delivered_at = kBeginningOfTime;
  double busy_ratio = 0;  // share of the last ten seconds or so spent sending
};

// One attempt's outcome, for metrics: called on the worker's thread.
using DeliveryObserver =
    std::function<void(const std::string& sink, const Delivery&, const SendResult&)>;

class DeliveryWorker {
 public:
  DeliveryWorker(const SinkConfig& config, Outbox& outbox, std::unique_ptr<TicketSink> sink,
                 DeliveryObserver observer);
  ~DeliveryWorker();  // Stop(0s) if it was not stopped
  DeliveryWorker(const DeliveryWorker&) = delete;
  DeliveryWorker& operator=(const DeliveryWorker&) = delete;

  void Start();
  void Wake();                                  // from any thread
  void Stop(std::chrono::milliseconds grace);   // from any thread, once
  [[nodiscard]] DeliveryStatus status() const;  // from any thread

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_SINKS_DELIVERY_H_
