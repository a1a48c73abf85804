#!/usr/bin/perl
# Tries whether TCP connections open, many at once, and opens none of them: it answers the SYN-ACK with a reset instead of the last
# ACK. So the server has no connection to accept, to log or to count. With TCP_QUICKACK off the kernel delays that ACK by up to
# 200 ms, and with SO_LINGER 0 close(2) sends the reset in its place. If this program does not get the CPU for 200 ms, the kernel
# sends the ACK: an ordinary connection, which is then reset.
#
# Each line of input is an attempt: "ID ADDRESS PORT TIMEOUT_MS". Each line of output is the result of one, as JSON:
#   {"id":1,"state":"connected","latencyMs":0.043}
#   {"id":2,"state":"failed","latencyMs":0.021,"error":"Connection refused"}     with the text of strerror(3)
#   {"id":3,"state":"silent"}
# It ends when its input has ended and all results are written. It needs no privilege, and no package but perl-base.
use strict;
use warnings;
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 SOCK_NONBLOCK IPPROTO_TCP TCP_INFO TCP_QUICKACK);

my %attempts;    # by file descriptor
my ($input, $reading) = ("", 1);
# The clock of this program, in seconds, is the time that select(2) has waited; perl-base has no other that is precise. It stands
# still without CPU, so a timeout is never shorter than it says, and always ends with a look at the socket.
my $now = 0;

while ($reading or %attempts) {
    my ($readable, $writable) = ("", "");
    vec($readable, fileno STDIN, 1) = 1 if $reading;
    vec($writable, $_, 1) = 1 for keys %attempts;
    my ($end) = sort { $a <=> $b } map { $_->{end} } values %attempts;
    my $limit = defined $end ? $end - $now : undef;
    my ($found, $left) = select $readable, $writable, undef, $limit;
    die "select: $!\n" if $found < 0;
    $now += $limit - $left if defined $limit;
    for my $fd (keys %attempts) {
        if (vec $writable, $fd, 1) { decided(delete $attempts{$fd}) }
        elsif ($attempts{$fd}{end} <= $now) { result(delete($attempts{$fd})->{id}, "silent") }
    }
    next unless vec $readable, fileno STDIN, 1;
    $reading = sysread(STDIN, $input, 65536, length $input) // die "input: $!\n";
    start(split " ", $1) while $input =~ s/^(.*)\n//;
}

sub start {
    my ($id, $address, $port, $timeoutMs) = @_;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    my $host = inet_pton($family, $address) // return result($id, "failed", 0, "not an address: $address");
    my $peer = $family == AF_INET6 ? pack_sockaddr_in6($port, $host) : pack_sockaddr_in($port, $host);
    # An error here is not the network's, although it may be the same one: so its text names what failed.
    socket my $socket, $family, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP or return result($id, "failed", 0, "socket: $!");
    setsockopt $socket, IPPROTO_TCP, TCP_QUICKACK, 0 or return result($id, "failed", 0, "TCP_QUICKACK: $!");
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0) or return result($id, "failed", 0, "SO_LINGER: $!");
    my $started = connect $socket, $peer;
    return result($id, "failed", 0, "$!") unless $started or $!{EINPROGRESS};
    $attempts{fileno $socket} = { id => $id, socket => $socket, start => $now, end => $now + $timeoutMs / 1000 };
}

sub decided {
    my ($attempt) = @_;
    my $socket = $attempt->{socket};
    $! = unpack "i", getsockopt $socket, SOL_SOCKET, SO_ERROR;
    my $error = "$!";
    my $failed = $! != 0;
    # tcpi_rtt of struct tcp_info (linux/tcp.h): the kernel's own measurement, in microseconds, independent of when this program runs.
    my $rtt = unpack "x68 L", getsockopt $socket, IPPROTO_TCP, TCP_INFO;
    close $socket;
    my $latencyMs = $rtt ? $rtt / 1000 : ($now - $attempt->{start}) * 1000;
    result($attempt->{id}, $failed ? ("failed", $latencyMs, $error) : ("connected", $latencyMs));
}

sub result {
    my ($id, $state, $latencyMs, $error) = @_;
    my $line = sprintf '{"id":%d,"state":"%s"', $id, $state;
    $line .= sprintf ',"latencyMs":%.3f', $latencyMs if defined $latencyMs;
    $line .= sprintf ',"error":"%s"', $error =~ s/["\\]//gr if defined $error;
    syswrite STDOUT, "$line}\n" or die "output: $!\n";
}
