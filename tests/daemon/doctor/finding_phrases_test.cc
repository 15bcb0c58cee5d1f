#include "daemon/doctor/finding_phrases.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace signinwatch::doctor {
namespace finding_phrases_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(FindingPhrases, ListsMembers) {
  std::string list;
  AddMember({.client_id = "a", .host = "/192.0.2.7"}, &list);
  EXPECT_EQ(list, "'a' at /192.0.2.7");
  AddMember({.client_id = "b\x1b", .host = "/192.0.2.8"}, &list);
  EXPECT_EQ(list, "'a' at /192.0.2.7, 'b ' at /192.0.2.8");
}

TEST(FindingPhrases, Counts) {
  EXPECT_EQ(Count(0, "topic"), "0 topics");
  EXPECT_EQ(Count(1, "topic"), "1 topic");
  EXPECT_EQ(Count(2, "topic"), "2 topics");
}

TEST(FindingPhrases, SpansAreRounded) {
  EXPECT_EQ(Span(milliseconds(2'400)), "2s");
  EXPECT_EQ(Span(minutes(3) + seconds(9)), "3m");
  EXPECT_EQ(Span(hours(30) + minutes(5)), "30h5m");
  EXPECT_EQ(Span(hours(50) + minutes(5)), "50h");
}

TEST(FindingPhrases, AFindingHasItsParts) {
  const Finding finding = Make(Verdict::kWarn, "clock", "is late");
  EXPECT_EQ(FindingText(finding), "warn  clock           is late\n");
}

TEST(FindingPhrases, AHubIsOneByItsName) {
  config::KafkaCluster cluster;
  cluster.brokers = "contoso.servicebus.windows.net:9093";
  EXPECT_TRUE(IsHub(cluster));
  cluster.brokers = "kafka.example:9092";
  EXPECT_FALSE(IsHub(cluster));
}

}  // namespace finding_phrases_test
}  // namespace signinwatch::doctor
