// Where a time stands along a drawing. Places are per cent of its width, so that texts keep their
// size whatever the width.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TIME_AXIS_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TIME_AXIS_H_

#include <algorithm>
#include <cstdio>
#include <string>

#include "parser/event_time.h"

namespace signinwatch::http {

struct TimeAxis {
  EventTime begin;
  EventTime end;  // after begin

  // "37.25%"; what is outside stands at the edge.
  [[nodiscard]] std::string At(EventTime time) const { return Share(time - begin); }
  [[nodiscard]] std::string Share(Duration span) const {
    const double share =
        100.0 * static_cast<double>(span.count()) / static_cast<double>((end - begin).count());
    char text[32];
    std::snprintf(text, sizeof(text), "%.2f%%", std::clamp(share, 0.0, 100.0));
    return text;
  }
  // Where a text beside `time` has more room to its left.
  [[nodiscard]] bool InRightHalf(EventTime time) const { return time > begin + (end - begin) / 2; }
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TIME_AXIS_H_
