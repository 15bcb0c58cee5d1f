#include "daemon/serve/presence.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "daemon/config/serve_config.h"
#include "daemon/http/instance_details.h"
#include "daemon/log/log.h"

namespace signinwatch::serve {

store::InstanceFacts FactsOf(const pipeline::ServeStatus& status, const std::string& http_address) {
  uint64_t lag = 0;
  for (const pipeline::PartitionStatus& partition : status.partitions) {
    if (partition.assigned) {
      lag += static_cast<uint64_t>(std::max<int64_t>(partition.lag_records, 0));
    }
  }
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return {.name = std::string(host.data()) + " " + http_address,
          .role = std::string(config::kRoleNames[static_cast<size_t>(status.role)]),
          .version = status.version,
          .started_at = status.started_at,
          .details = http::InstanceDetails(lag)};
}

Presence::Presence(store::InstanceStore& store, const clock::Clock& clock,
                   std::function<store::InstanceFacts()> facts)
    : store_(store),
      facts_(std::move(facts)),
      threads_(clock, [this](clock::Instant now) { return Step(now); }) {}

Presence::~Presence() { Stop(); }

void Presence::Stop() {
  leaving_ = true;
  threads_.Wake();
  threads_.Join();
}

steps::StepResult Presence::Step(clock::Instant now) {
  const bool leaving = leaving_;
  const absl::Status status =
      leaving ? store_.ForgetInstance() : store_.NoteInstance(facts_(), now.wall);
  // Whoever looks sees that this one has not been heard of.
  if (!status.ok()) {
    log::Log(config::LogLevel::kInfo, "the store could not be told of this instance",
             {{"error", status.message()}});
  }
  return leaving ? steps::StepResult::Done() : steps::StepResult::At(now.steady + kTellEvery);
}

}  // namespace signinwatch::serve
