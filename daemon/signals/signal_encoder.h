// Signals -> messages of the signal topic, one a tenant (signal_message.h).
#ifndef SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_ENCODER_H_
#define SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/signals/signal_message.h"
#include "daemon/signals/wire.h"
#include "parser/event_time.h"
#include "parser/message_parser.h"

namespace signinwatch::signals {

struct EncodedSignals {
  std::string tenant;  // lower-cased: the key that it is partitioned by
  std::string value;
  SourcePosition last;  // of its last signal
  size_t signals = 0;
};

// Keeps its buffers. Not thread-safe.
class SignalEncoder {
 public:
  // Whether a signal is to be sent. Asked once for each, in the order of sending.
  using Wants = std::function<bool(const Signal&)>;

  // The signals of one source message that are wanted, in the order in which they are to be sent:
  // several messages for a tenant that has very many. `out` is cleared first.
  void Encode(const SignalOrigin& origin, EventTime broker_time, const ParsedMessage& parsed,
              const Wants& wants, std::vector<EncodedSignals>* out);

 private:
  void SortByTenant(const ParsedMessage& parsed);
  void Begin(const SignalOrigin& origin, EventTime broker_time, std::string_view tenant);
  void Add(const Signal& signal, const ParsedMessage& parsed, uint32_t index);
  void End(const SignalOrigin& origin, std::string_view tenant, std::vector<EncodedSignals>* out);

  absl::flat_hash_map<TenantId, uint32_t, TableHash> tenants_;
  std::vector<std::vector<uint32_t>> by_tenant_;  // numbers of signals
  size_t tenant_count_ = 0;
  WireWriter head_, body_;
  size_t signals_ = 0;       // in body_
  uint32_t next_index_ = 0;  // one more than the last in body_
  EventTime last_time_;
};

}  // namespace signinwatch::signals

#endif  // SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_ENCODER_H_
