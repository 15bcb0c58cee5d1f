// Whether what is read of each topic is of any use. Not thread-safe.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_TOPIC_HEALTH_H_
#define SIGNINWATCH_DAEMON_PIPELINE_TOPIC_HEALTH_H_

#include <map>
#include <string>
#include <vector>

#include "daemon/pipeline/status.h"
#include "daemon/shape/message_shape.h"
#include "parser/event_time.h"
#include "parser/message_parser.h"

namespace signinwatch::pipeline {

// Bounded by the topics of the configuration.
class TopicHealth {
 public:
  // A message of `topic`. `shape`: what it looks like, nullptr if nobody looked.
  void Note(const std::string& topic, const ParsedMessage& message,
            const shape::MessageShape* shape, EventTime now);
  // A batch of `topic` that can't be read: one rejected record.
  void NoteUnreadable(const std::string& topic);
  [[nodiscard]] std::vector<TopicStatus> statuses() const;

 private:
  std::map<std::string, TopicStatus, std::less<>> topics_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_TOPIC_HEALTH_H_
