# Completion of signinwatch for fish: put it into a folder of $fish_complete_path.

# Files are offered where a file is meant, nowhere else.
complete -c signinwatch -f
complete -c signinwatch -s h -l help -d 'print help and exit'
complete -c signinwatch -n __fish_use_subcommand -l version -d 'print the version'

complete -c signinwatch -n __fish_use_subcommand -a serve -d 'the daemon'
complete -c signinwatch -n __fish_use_subcommand -a replay -d 'exported logs to tickets'
complete -c signinwatch -n __fish_use_subcommand -a tickets -d 'what the store holds'
complete -c signinwatch -n __fish_use_subcommand -a sinks -d 'try the systems that tickets are sent to'
complete -c signinwatch -n __fish_use_subcommand -a doctor -d 'what serve needs, looked at from outside'
complete -c signinwatch -n __fish_use_subcommand -a demo -d 'the daemon on generated traffic'
complete -c signinwatch -n __fish_use_subcommand -a generate -d 'make records with scenarios'
complete -c signinwatch -n __fish_use_subcommand -a check-config -d 'report all mistakes of a configuration'
complete -c signinwatch -n __fish_use_subcommand -a example-config -d 'every key at its default'
complete -c signinwatch -n __fish_use_subcommand -a metrics-reference -d 'what /metrics has'
complete -c signinwatch -n __fish_use_subcommand -a rules -d 'alerting rules for Prometheus'
complete -c signinwatch -n '__fish_seen_subcommand_from tickets; and not __fish_seen_subcommand_from list show preview' -a list -d 'a table of tickets'
complete -c signinwatch -n '__fish_seen_subcommand_from tickets; and not __fish_seen_subcommand_from list show preview' -a show -d 'one ticket'
complete -c signinwatch -n '__fish_seen_subcommand_from tickets; and not __fish_seen_subcommand_from list show preview' -a preview -d 'what a sink would send'
complete -c signinwatch -n '__fish_seen_subcommand_from sinks; and not __fish_seen_subcommand_from test' -a test -d 'a test ticket through its whole life'
complete -c signinwatch -n '__fish_seen_subcommand_from replay check-config' -F

complete -c signinwatch -n '__fish_seen_subcommand_from serve' -l config -r -F -d 'configuration'
complete -c signinwatch -n '__fish_seen_subcommand_from rules' -l config -r -F -d 'configuration'

complete -c signinwatch -n '__fish_seen_subcommand_from replay' -l config -r -F -d 'configuration'
complete -c signinwatch -n '__fish_seen_subcommand_from replay' -l now -x -d 'reject records further in the future than this'
complete -c signinwatch -n '__fish_seen_subcommand_from replay' -l events -d 'print every revision'
complete -c signinwatch -n '__fish_seen_subcommand_from replay' -l dead-letters -r -F -d 'keep rejected records here'
complete -c signinwatch -n '__fish_seen_subcommand_from replay' -l format -x -a 'json text' -d 'for programs or for people'
complete -c signinwatch -n '__fish_seen_subcommand_from replay' -l threads -x -d 'threads that parse'

complete -c signinwatch -n '__fish_seen_subcommand_from list' -l config -r -F -d 'configuration'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l tenant -x -d 'of this tenant'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l user -x -d 'of this user'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l state -x -a 'open resolved merged' -d 'in this state'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l severity -x -a 'info low medium high critical' -d 'of this severity'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l cause -x -a 'password_changed password_reset password_reset_by_admin password_synced sync_delay sessions_revoked password_expired incorrect_password home_tenant unexplained pending mixed' -d 'of this cause'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l scope -x -a 'user tenant' -d 'of users or of tenants'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l detector -x -d 'of this detector'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l from -x -d 'whose burst ended at or after this'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l to -x -d 'whose burst began at or before this'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l limit -x -d 'at most so many'
complete -c signinwatch -n '__fish_seen_subcommand_from list' -l format -x -a 'json text' -d 'for people or for programs'

complete -c signinwatch -n '__fish_seen_subcommand_from show' -l config -r -F -d 'configuration'
complete -c signinwatch -n '__fish_seen_subcommand_from show' -l format -x -a 'json text' -d 'for people or for programs'

complete -c signinwatch -n '__fish_seen_subcommand_from preview' -l config -r -F -d 'configuration'
complete -c signinwatch -n '__fish_seen_subcommand_from preview' -l sink -x -d 'the sink'

complete -c signinwatch -n '__fish_seen_subcommand_from test' -l config -r -F -d 'configuration'

complete -c signinwatch -n '__fish_seen_subcommand_from doctor' -l config -r -F -d 'configuration'
complete -c signinwatch -n '__fish_seen_subcommand_from doctor' -l format -x -a 'json text' -d 'for people or for programs'

complete -c signinwatch -n '__fish_seen_subcommand_from demo' -l for -x -d 'end after this'
complete -c signinwatch -n '__fish_seen_subcommand_from demo' -l listen -x -d 'where the page is'
complete -c signinwatch -n '__fish_seen_subcommand_from demo' -l speed -x -d 'seconds of the traffic in a second'
complete -c signinwatch -n '__fish_seen_subcommand_from demo' -l users -x -d 'users of all tenants'

complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l seed -x -d 'another number, other traffic'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l start -x -d 'event time of the first record'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l duration -x -d 'event time from the first record to the last'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l tenants -x -d 'tenants'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l users -x -d 'users of all tenants'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l records -x -d 'background records'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l bytes -x -d 'end the background at about this size'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l layout -x -a 'batches lines' -d 'of the output'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l partitions -x -d 'files or partitions'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l output -r -F -d 'file, directory or -'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l labels -r -F -d 'write the planted scenarios here'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l kafka -x -d 'produce to this cluster'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l topic -x -d 'the topic'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l rate -x -d 'messages a second'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l speed -x -d 'seconds of the exports in a second'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l compression -x -a 'none gzip lz4 snappy zstd' -d 'of the messages'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l kafka-option -x -d 'an option of librdkafka'
complete -c signinwatch -n '__fish_seen_subcommand_from generate' -l no-scenarios -d 'background traffic only'

complete -c signinwatch -n '__fish_seen_subcommand_from example-config' -l reference -d 'print the reference instead'
