// Where generated messages go: files (output.h), or whatever the caller of RunGenerate hands in.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_MESSAGE_SINK_H_
#define SIGNINWATCH_DAEMON_GENERATOR_MESSAGE_SINK_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "parser/event_time.h"

namespace signinwatch::generator {

// Used by one thread.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  // `message` has no line's end and is copied. `partition` is below GenerateOptions::partitions;
  // `exported_at`, when the tenant's export is, never goes back and is later than every event in
  // it. May take its time; false: no more is wanted.
  [[nodiscard]] virtual bool Send(std::string_view message, uint32_t partition,
                                  EventTime exported_at) = 0;
  // Once, after the last message. When it returns all have arrived, or there is an error.
  virtual void Close() = 0;
  // Empty while all is well. Errors stick.
  [[nodiscard]] virtual std::string error() const = 0;
  // Of what was sent so far.
  [[nodiscard]] virtual uint64_t bytes() const = 0;
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_MESSAGE_SINK_H_
