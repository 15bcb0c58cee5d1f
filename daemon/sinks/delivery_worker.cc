#include "daemon/sinks/delivery_worker.h"

#include <utility>

namespace signinwatch::sinks {

DeliveryWorker::DeliveryWorker(DeliveryOptions options, store::Outbox& outbox,
                               std::unique_ptr<TicketSink> sink, const clock::Clock& clock,
                               DeliveryObserver observer)
    : clock_(clock),
      stage_(std::move(options), outbox, std::move(sink), clock, std::move(observer)),
      threads_(clock, [this](clock::Instant now) { return stage_.Step(now); }) {}

DeliveryWorker::~DeliveryWorker() { Stop(std::chrono::milliseconds(0)); }

void DeliveryWorker::Start() {
  runs_ = true;
  threads_.Start();
}

void DeliveryWorker::Wake() {
  stage_.NoteCommit();
  threads_.Wake();
}

void DeliveryWorker::Stop(std::chrono::milliseconds grace) {
  if (!std::exchange(runs_, false)) return;
  stage_.End(clock_.Steady() + grace);
  threads_.Wake();
  // What is not done by then is ended within its batch.
  (void)threads_.WaitUntilDone(grace);
  stage_.Cancel();
  threads_.Join();
}

}  // namespace signinwatch::sinks
