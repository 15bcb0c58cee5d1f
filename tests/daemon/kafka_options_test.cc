#include "daemon/config/kafka_options.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace kafka_options_test {

TEST(KafkaOptions, TakesWhatIsSafe) {
  for (const char* name :
       {"client.id", "fetch.max.bytes", "debug", "ssl.key.location", "ssl.certificate.location",
        "compression.type", "group.instance.id", "topic.metadata.refresh.interval.ms"}) {
    EXPECT_EQ(config::KafkaOptionRefusal(name, "x"), "") << name;
  }
  EXPECT_EQ(config::KafkaOptionRefusal("enable.ssl.certificate.verification", "true"), "");
  EXPECT_EQ(config::KafkaOptionRefusal("ssl.endpoint.identification.algorithm", "https"), "");
}

TEST(KafkaOptions, RefusesWhatThePromiseDependsOn) {
  for (const char* name : {"enable.auto.commit",
                           "enable.auto.offset.store",
                           "auto.offset.reset",
                           "enable.partition.eof",
                           "group.id",
                           "bootstrap.servers",
                           "metadata.broker.list",
                           "partition.assignment.strategy",
                           "statistics.interval.ms",
                           "security.protocol",
                           "sasl.mechanisms",
                           "sasl.mechanism",
                           "sasl.username",
                           "sasl.password",
                           "sasl.oauthbearer.client.secret",
                           "sasl.oauthbearer.config",
                           "ssl.key.password",
                           "ssl.key.pem",
                           "ssl.keystore.password",
                           "ssl.ca.location",
                           "acks",
                           "request.required.acks",
                           "enable.idempotence",
                           "transactional.id",
                           "message.timeout.ms",
                           "delivery.timeout.ms",
                           "group.protocol",
                           "ssl.certificate.verify_cb"}) {
    EXPECT_NE(config::KafkaOptionRefusal(name, "true"), "") << name;
    // librdkafka takes this for the same.
    EXPECT_NE(config::KafkaOptionRefusal("topic." + std::string(name), "true"), "") << name;
  }
}

TEST(KafkaOptions, CertificatesAreAlwaysChecked) {
  for (const char* value : {"false", "FALSE", "f", "0", "", "True", "1"}) {
    EXPECT_NE(config::KafkaOptionRefusal("enable.ssl.certificate.verification", value), "")
        << value;
  }
  for (const char* value : {"none", "NONE", "", "HTTPS"}) {
    EXPECT_NE(config::KafkaOptionRefusal("ssl.endpoint.identification.algorithm", value), "")
        << value;
  }
}

TEST(KafkaOptions, NamesHaveTheFormOfNames) {
  EXPECT_TRUE(config::IsKafkaOptionName("a.b_9"));
  EXPECT_TRUE(config::IsKafkaOptionName(std::string(100, 'a')));
  for (const std::string& name :
       {std::string(), std::string("A"), std::string("a b"), std::string("a=b"), std::string("a-b"),
        std::string("acks\n"), std::string(101, 'a')}) {
    EXPECT_FALSE(config::IsKafkaOptionName(name)) << name;
  }
}

}  // namespace kafka_options_test
}  // namespace signinwatch
