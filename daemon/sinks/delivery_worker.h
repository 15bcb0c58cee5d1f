// Delivery to one sink, and the thread that steps it.
//
//   DeliveryWorker worker(DeliveryOptionsOf(config, seed), outbox, std::move(sink), clock,
//   observer); worker.Start(); worker.Wake();      // after each commit that has revisions
//   worker.Stop(5s);    // sends what it can until then; the rest stays in the outbox
#ifndef SIGNINWATCH_DAEMON_SINKS_DELIVERY_WORKER_H_
#define SIGNINWATCH_DAEMON_SINKS_DELIVERY_WORKER_H_

#include <chrono>
#include <memory>

#include "daemon/sinks/delivery.h"
#include "daemon/steps/stage_threads.h"

namespace signinwatch::sinks {

class DeliveryWorker {
 public:
  // As DeliveryStage is made; the clock runs as the system's does.
  DeliveryWorker(DeliveryOptions options, store::Outbox& outbox, std::unique_ptr<TicketSink> sink,
                 const clock::Clock& clock, DeliveryObserver observer);
  ~DeliveryWorker();  // Stop(0s) if it was not stopped

  void Start();
  void Wake();                                                             // from any thread
  void Stop(std::chrono::milliseconds grace);                              // from any thread, once
  [[nodiscard]] DeliveryStatus status() const { return stage_.status(); }  // from any thread

 private:
  const clock::Clock& clock_;
  DeliveryStage stage_;
  steps::StageThreads threads_;
  bool runs_ = false;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_DELIVERY_WORKER_H_
