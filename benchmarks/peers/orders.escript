#!/usr/bin/env escript
%%! +S 2:2 +sbwt none
%% The order dialog as a gen_statem for each conversation: nothing durable, no network, texts as binaries.
%%   orders.escript SCRIPT   the script's lines are a customer's number and the words of an order, with tabs between
%% Prints `sample UNITS WALL CPU CHECKSUM`: the sum of the FNV-1a hashes of all that the bots said.
-mode(compile).
-behaviour(gen_statem).
-export([init/1, callback_mode/0, handle_event/4]).

callback_mode() -> handle_event_function.
init([]) -> {ok, idle, #{}}.

%% A word of the customer; the answer goes to who said it.
handle_event(cast, {say, From, Customer, Text}, State, Data) ->
  {Next, After, Answer} = step(State, Text, Data),
  From ! {said, Customer, Answer},
  {next_state, Next, After}.

step(idle, <<"order">>, Data) -> {item, Data, <<"What would you like?">>};
step(item, Text, Data) when byte_size(Text) > 0 -> {count, Data#{item => Text}, <<"How many?">>};
step(count, Text, Data) ->
  case string:to_integer(Text) of
    {N, <<>>} when N >= 1, N =< 100 -> {size, Data#{count => N}, <<"Which size?">>};
    _ -> {count, Data, <<"How many?">>}
  end;
step(size, Text, Data) ->
  case choose(Text, [<<"small">>, <<"medium">>, <<"large">>]) of
    none -> {size, Data, <<"Which size?">>};
    Size -> {kind, Data#{size => Size}, <<"For here, or to go?">>}
  end;
step(kind, Text, #{count := N, size := Size, item := Item} = Data) ->
  case choose(Text, [<<"for here">>, <<"to go">>]) of
    none -> {kind, Data, <<"For here, or to go?">>};
    Kind -> {idle, #{}, <<(integer_to_binary(N))/binary, " ", Size/binary, " ", Item/binary, ", ", Kind/binary, ".">>}
  end;
step(State, _, Data) -> {State, Data, <<"?">>}.

choose(Text, Choices) ->
  Folded = string:casefold(Text),
  case lists:member(Folded, Choices) of true -> Folded; false -> none end.

hash(Text) -> hash(Text, 14695981039346656037).
hash(<<Byte, Rest/binary>>, Hash) -> hash(Rest, ((Hash bxor Byte) * 1099511628211) band 16#ffffffffffffffff);
hash(<<>>, Hash) -> Hash.

cpu() -> {Total, _} = erlang:statistics(runtime), Total / 1000.

%% Each customer says the next thing when the answer to the one before is there.
next(Customer, Rest) ->
  case Rest of
    #{Customer := [Text | More]} ->
      #{{bot, Customer} := Bot} = Rest,
      gen_statem:cast(Bot, {say, self(), Customer, Text}),
      Rest#{Customer := More};
    _ -> Rest
  end.

drive(0, _, Said) -> Said;
drive(Left, Rest, Said) ->
  receive {said, Customer, Text} -> drive(Left - 1, next(Customer, Rest), [Text | Said]) end.

main([Script]) ->
  {ok, File} = file:read_file(Script),
  Lines = [binary:split(L, <<"\t">>, [global]) || L <- binary:split(File, <<"\n">>, [global, trim])],
  Says = lists:foldr(fun([Customer | Words], All) ->
    maps:update_with(Customer, fun(More) -> Words ++ More end, Words, All) end, #{}, Lines),
  Customers = maps:keys(Says),
  Bots = maps:from_list([begin {ok, Bot} = gen_statem:start(?MODULE, [], []), {{bot, C}, Bot} end || C <- Customers]),
  Turns = 5 * length(Lines),
  Used = cpu(), From = erlang:monotonic_time(microsecond),
  Begun = lists:foldl(fun next/2, maps:merge(Says, Bots), Customers),
  Said = drive(Turns, Begun, []),
  Wall = (erlang:monotonic_time(microsecond) - From) / 1.0e6,
  Cpu = cpu() - Used,
  Sum = lists:foldl(fun(Text, S) -> (S + hash(Text)) band 16#ffffffffffffffff end, 0, Said),
  io:format("sample ~w ~w ~w ~w~n", [Turns, Wall, Cpu, Sum]);
main(_) ->
  io:format(standard_error, "orders.escript SCRIPT~n", []),
  halt(2).
