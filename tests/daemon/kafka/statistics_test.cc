#include "daemon/kafka/statistics.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace signinwatch::kafka {
namespace statistics_test {

// Cut from what librdkafka 2.0.2 gave out.
constexpr std::string_view kJson = R"({
"name":"rdkafka#consumer-1","client_id":"signinwatch","ts":51,
"brokers":{
 "hub:9093/bootstrap":{"name":"hub:9093/bootstrap","nodeid":-1,"nodename":"hub:9093",
   "source":"configured","state":"INIT","rx":0,"rxbytes":0,"waitresp_cnt":0,
   "rtt":{"min":0,"avg":0},"throttle":{"avg":0},"toppars":{}},
 "GroupCoordinator":{"name":"GroupCoordinator","nodeid":1,"nodename":"one:9093","source":"logical",
   "state":"UP","rx":3,"rxbytes":5,"waitresp_cnt":0,"throttle":{"avg":0}},
 "one:9093/1":{"name":"one:9093/1","nodeid":1,"nodename":"one:9093","source":"learned",
   "state":"UP","rx":7,"rxbytes":4711,"waitresp_cnt":1,
   "int_latency":{"avg":9},"rtt":{"avg":3},"throttle":{"min":0,"avg":250},"req":{"Fetch":1}},
 "two:9093/2":{"name":"two:9093/2","nodeid":2,"nodename":"two:9093","source":"learned",
   "state":"TRY_CONNECT","rx":0,"rxbytes":0,"waitresp_cnt":0,"throttle":{"avg":0}}},
"topics":{"signins":{"topic":"signins","partitions":{
   "0":{"partition":0,"broker":1,"leader":1,"unknown":false},
   "2":{"partition":2,"broker":-1,"leader":-1,"unknown":true},
   "1":{"partition":1,"broker":-1,"leader":2},
   "-1":{"partition":-1,"broker":-1,"leader":-1}}},
 "audit":{"topic":"audit","partitions":{"-1":{"partition":-1}}}},
"cgrp":{"state":"up","join_state":"steady"}})";

TEST(StatisticsTest, ReadsBrokersAndPartitions) {
  const std::optional<Statistics> statistics = ParseStatistics(kJson);
  ASSERT_TRUE(statistics.has_value());
  EXPECT_TRUE(statistics->group_steady);
  ASSERT_EQ(statistics->brokers.size(), 3);
  EXPECT_EQ(statistics->brokers[0].id, -1);
  EXPECT_EQ(statistics->brokers[0].name, "hub:9093");
  EXPECT_FALSE(statistics->brokers[0].up);
  const Statistics::Broker& one = statistics->brokers[1];
  EXPECT_EQ(one.id, 1);
  EXPECT_EQ(one.name, "one:9093");
  EXPECT_TRUE(one.up);
  EXPECT_EQ(one.received_bytes, 4711);
  EXPECT_EQ(one.responses, 7);
  EXPECT_EQ(one.requests_waiting, 1);
  EXPECT_DOUBLE_EQ(one.throttle_seconds, 0.25);
  EXPECT_FALSE(statistics->brokers[2].up);
  ASSERT_EQ(statistics->topics.size(), 2);
  EXPECT_TRUE(statistics->topics.at("audit").empty());
  const auto& partitions = statistics->topics.at("signins");
  ASSERT_EQ(partitions.size(), 2);
  EXPECT_EQ(partitions[0].id, 0);
  EXPECT_EQ(partitions[0].broker, 1);
  EXPECT_EQ(partitions[1].id, 1);
  EXPECT_EQ(partitions[1].broker, -1);
}

TEST(StatisticsTest, TakesWhatIsMissingOrOfAnotherKindAsAbsent) {
  const auto statistics = ParseStatistics(
      R"({"brokers":{"a":{"nodeid":"1","state":5,"throttle":[]},"b":7},"topics":{"t":{}},"cgrp":0})");
  ASSERT_TRUE(statistics.has_value());
  ASSERT_EQ(statistics->brokers.size(), 1);
  EXPECT_EQ(statistics->brokers[0].id, -1);
  EXPECT_FALSE(statistics->brokers[0].up);
  EXPECT_FALSE(statistics->group_steady);
  EXPECT_TRUE(statistics->topics.at("t").empty());
}

TEST(StatisticsTest, RefusesWhatIsNotJson) {
  for (const char* json : {"", "{", "[]", "7", "{\"brokers\":{}"}) {
    EXPECT_FALSE(ParseStatistics(json).has_value()) << json;
  }
}

Statistics OneBroker(bool up, uint64_t responses, int64_t waiting) {
  Statistics statistics;
  statistics.brokers.push_back({.id = 1,
                                .name = "one",
                                .up = up,
                                .received_bytes = 0,
                                .responses = responses,
                                .requests_waiting = waiting,
                                .throttle_seconds = 0});
  return statistics;
}

TEST(BrokerWatchTest, ABrokerThatIsNotConnectedOrNotKnownIsOutOfReach) {
  BrokerWatch watch;
  EXPECT_FALSE(watch.IsReachable(1));
  watch.Update(OneBroker(true, 1, 0));
  EXPECT_TRUE(watch.IsReachable(1));
  EXPECT_FALSE(watch.IsReachable(2));
  EXPECT_FALSE(watch.IsReachable(-1));
  watch.Update(OneBroker(false, 1, 0));
  EXPECT_FALSE(watch.IsReachable(1));
  watch.Update(OneBroker(true, 1, 0));
  EXPECT_TRUE(watch.IsReachable(1));
  watch.Update({});
  EXPECT_FALSE(watch.IsReachable(1));
}

TEST(BrokerWatchTest, ABrokerThatOwesAnswersAndGivesNoneIsOutOfReach) {
  BrokerWatch watch;
  watch.Update(OneBroker(true, 5, 1));
  for (int i = 1; i < BrokerWatch::kSilentMax; ++i) watch.Update(OneBroker(true, 5, 1));
  EXPECT_TRUE(watch.IsReachable(1));
  watch.Update(OneBroker(true, 5, 1));
  EXPECT_FALSE(watch.IsReachable(1));
  watch.Update(OneBroker(true, 6, 1));
  EXPECT_TRUE(watch.IsReachable(1));
}

TEST(BrokerWatchTest, ABrokerThatIsAskedNothingIsReachable) {
  BrokerWatch watch;
  for (int i = 0; i < 3 * BrokerWatch::kSilentMax; ++i) watch.Update(OneBroker(true, 5, 0));
  EXPECT_TRUE(watch.IsReachable(1));
}

}  // namespace statistics_test
}  // namespace signinwatch::kafka
