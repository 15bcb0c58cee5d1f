#include "daemon/pipeline/topic_health.h"

namespace signinwatch::pipeline {

void TopicHealth::Note(const std::string& topic, const ParsedMessage& message,
                       const shape::MessageShape* shape, EventTime now) {
  if (message.records == 0) return;
  TopicStatus& status = topics_[topic];
  status.records += message.records;
  status.accepted += message.signals.size();
  status.rejected += message.rejected();
  status.irrelevant += message.records - message.signals.size() - message.rejected();
  if (!message.signals.empty()) {
    status.unused_since = kBeginningOfTime;
    status.unused = 0;
    status.shape.clear();
    status.advice.clear();
    return;
  }
  if (status.unused_since == kBeginningOfTime) status.unused_since = now;
  status.unused += message.records;
  if (shape != nullptr && (status.shape != shape->name || status.advice != shape->advice)) {
    status.shape = shape->name;
    status.advice = shape->advice;
  }
}

void TopicHealth::NoteUnreadable(const std::string& topic) {
  TopicStatus& status = topics_[topic];
  ++status.records;
  ++status.rejected;
}

std::vector<TopicStatus> TopicHealth::statuses() const {
  std::vector<TopicStatus> statuses;
  for (const auto& [topic, status] : topics_) {
    statuses.push_back(status);
    statuses.back().topic = topic;
  }
  return statuses;
}

}  // namespace signinwatch::pipeline
