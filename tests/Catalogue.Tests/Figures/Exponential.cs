namespace Callgate.Catalogue.Tests.Figures;

/// <summary>
/// The exponential function by additions and multiplications alone: that of the framework comes from the machine's own
/// library, and its last digit may differ from one machine to the next.
/// </summary>
internal static class Exponential
{
    private const double Ln2 = 0.6931471805599453;

    public static double Of(double x)
    {
        if (x < -700)
        {
            return 0;
        }

        var halves = (int)Math.Floor(x / Ln2);
        var rest = x - (halves * Ln2);
        double term = 1, sum = 1;
        for (var i = 1; i <= 18; i++)
        {
            term = term * rest / i;
            sum += term;
        }

        var scale = 1.0;
        for (var i = 0; i < Math.Abs(halves); i++)
        {
            scale *= halves > 0 ? 2 : 0.5;
        }

        return sum * scale;
    }
}
