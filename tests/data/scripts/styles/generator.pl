#!/usr/bin/perl -w
# Rules for the student networks: one chain a house, the same services in each.
use strict;

my %house = (north => '10.40.1.0/24', south => '10.40.2.0/24', west => '10.40.4.0/22');
my @services = (['tcp', 80], ['tcp', 25], ['udp', 53], ['tcp', '20:21']);
my $ipchains = '/sbin/ipchains';

sub ipchains {
    my @words = @_;
    system($ipchains, @words) == 0 or die "ipchains @words: $?\n";
}

ipchains('-P', 'forward', 'DENY');
foreach my $name (sort keys %house) {
    ipchains('-N', $name);
    foreach my $service (@services) {
        my ($protocol, $port) = @$service;
        ipchains('-A', $name, '-p', $protocol, '-d', '0/0', $port, '-j', 'ACCEPT');
    }
    ipchains('-A', $name, '-p', 'icmp', '-j', 'ACCEPT');
    ipchains('-A', $name, '-j', 'REJECT', '-l');
    system("$ipchains -A forward -s $house{$name} -i eth0 -j $name") == 0 or die;
    ipchains(split(' ', "-A forward -d $house{$name} -p tcp ! -y -i eth1 -j ACCEPT"));
}

# How many are there now?
my $rules = grep { !/^(Chain|target)/ && /\S/ } `$ipchains -L -n`;
print "$rules rules\n";
ipchains('-A', 'forward', '-l') if $rules == 24;
